//! `countersign credential packet`: the page that goes with a token.

use std::path::PathBuf;

use clap::Args;
use countersign_identity::language::Language;
use countersign_login_ui::view::packet::{Packet, view};
use countersign_login_ui::words::Words;
use countersign_store::credential::{self, Credential};
use countersign_store::{organization, person};
use serde_json::json;

use super::super::output::{self, Output};
use super::super::{Failure, Opened};
use crate::app::brand;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The Credential ID.
    credential_id: String,
    /// The language, `en` or `ja`; without it the one that the address's owner chose, else English.
    #[arg(long)]
    language: Option<String>,
    /// The file to write; without it the page goes to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub async fn run(arguments: Arguments, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let row = opened.identity.credential(&arguments.credential_id).await?;
    let (db, settings) = (opened.store.read(), &opened.settings);
    let who = match &row.person_id {
        Some(id) => person::find(db, id).await?,
        None => None,
    };
    let customer = match &row.organization_id {
        Some(id) => organization::find(db, id).await?,
        None => None,
    };
    check(&row, who.is_some() || customer.is_some())?;
    let portal = settings.issuer.as_deref().ok_or_else(|| {
        Failure(
            "`issuer` is not set, and the packet says where the portal is: set it in the configuration"
                .into(),
        )
    })?;
    let own = who.as_ref().and_then(|person| person.language.as_deref()).and_then(Language::parse);
    let language = match &arguments.language {
        Some(tag) => Language::parse(tag)
            .ok_or_else(|| Failure(format!("there are no pages in {tag:?}: use --language en or ja")))?,
        None => own.unwrap_or_default(),
    };
    let packet = Packet {
        credential_id: &row.id,
        email: who.as_ref().map(|person| person.email.as_str()),
        organization: customer.as_ref().map(|customer| customer.name.as_str()),
        portal,
    };
    let brand = brand(settings)?;
    let html = view(&Words::new(language, &brand), &packet).into_string();
    write(&arguments, &row, language, html, output)
}

/// A packet goes to somebody, with a token that can be used.
fn check(row: &Credential, is_somebodys: bool) -> Result<(), Failure> {
    let usable = [credential::STOCKED, credential::ASSIGNED, credential::REGISTERED, credential::LOCKED];
    if !usable.contains(&row.state.as_str()) {
        return Err(Failure(format!("{} is {}: no packet goes with it", row.id, row.state)));
    }
    if !is_somebodys {
        return Err(Failure(format!(
            "{} is nobody's yet: assign it first with `countersign credential assign {}`",
            row.id, row.id
        )));
    }
    Ok(())
}

fn write(
    arguments: &Arguments,
    row: &Credential,
    language: Language,
    html: String,
    output: &Output,
) -> Result<(), Failure> {
    let mut members = vec![("credential_id", json!(row.id)), ("language", json!(language.tag()))];
    match &arguments.output {
        Some(file) => {
            std::fs::write(file, html)
                .map_err(|error| Failure(format!("{} cannot be written: {error}", file.display())))?;
            members.push(("file", json!(file.display().to_string())));
            output.done(&format!("the packet of {} is in {}", row.id, file.display()), &members)
        }
        None if output.is_json() => {
            members.push(("html", json!(html)));
            output.object(&members)
        }
        None => output::text(&html),
    }
}
