//! The claims of OpenID Connect Core §5.1 that an administrator enters about a person. The others come from what is
//! known anyway: the address, the name, the language.

use std::sync::Arc;

use countersign_store::{directory, person};
use serde_json::{Map, Value};

use crate::directory::Profile;
use crate::{Error, Identity, Result};

/// Claims whose value is a text.
const TEXTS: [&str; 13] = [
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];
/// The members of `address` (§5.1.1).
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

impl Identity {
    /// Changes what tokens say of a person: `name=value` sets a claim, `name=` takes it away.
    ///
    /// # Errors
    /// [`Error::Refused`] when a claim is not one of those, or its value can't be its.
    pub async fn set_claims(&self, email: &str, changes: &[String]) -> Result<Arc<Profile>> {
        let who = self.find_person(email).await?;
        let entered = who.person.claims.as_ref().and_then(Value::as_object);
        let mut claims = entered.cloned().unwrap_or_default();
        for change in changes {
            let (name, value) = change.split_once('=').ok_or_else(|| {
                Error::Refused(format!("{change:?} is not a claim: write NAME=VALUE, as in given_name=Ann"))
            })?;
            set(&mut claims, name, value.trim())?;
        }
        let claims = Some(claims).filter(|claims| !claims.is_empty()).map(Value::Object);
        let (id, now) = (who.person.id.clone(), self.now());
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                person::set_claims(tx, &id, claims, now).await?;
                directory::bump(tx).await
            })
        });
        written.await?;
        self.find_person(email).await
    }
}

fn set(claims: &mut Map<String, Value>, name: &str, value: &str) -> Result<()> {
    if let Some(member) = name.strip_prefix("address.").filter(|member| ADDRESS.contains(member)) {
        let mut address = claims.get("address").and_then(Value::as_object).cloned().unwrap_or_default();
        put(&mut address, member, text(name, value)?.into());
        put(claims, "address", Value::Object(address));
        return Ok(());
    }
    if name == "phone_number_verified" {
        let verified = match value {
            "" => Value::Null,
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err(refuse(name, "it is true or false")),
        };
        put(claims, name, verified);
        return Ok(());
    }
    if !TEXTS.contains(&name) {
        let known = TEXTS.join(", ");
        return Err(refuse(
            name,
            &format!(
                "claims that can be entered are {known}, phone_number_verified and address.{}",
                ADDRESS.join(", address.")
            ),
        ));
    }
    put(claims, name, text(name, value)?.into());
    Ok(())
}

/// An empty value takes a claim away (§5.3.2: never null or empty).
fn put(claims: &mut Map<String, Value>, name: &str, value: Value) {
    let empty = match &value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if empty {
        claims.remove(name);
    } else {
        claims.insert(name.to_owned(), value);
    }
}

fn text(name: &str, value: &str) -> Result<String> {
    if value.chars().count() > 500 || value.chars().any(|c| c.is_control() && c != '\n') {
        return Err(refuse(name, "a claim has at most 500 characters"));
    }
    if name == "birthdate" && !value.is_empty() && !is_birthdate(value) {
        return Err(refuse(name, "write YYYY-MM-DD, 0000-MM-DD, or YYYY"));
    }
    Ok(value.to_owned())
}

/// §5.1: ISO 8601-1 YYYY-MM-DD, with year 0000 where it is not told, or the year alone.
fn is_birthdate(text: &str) -> bool {
    let number = |text: &str, digits: usize, most: u32| {
        text.len() == digits
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse::<u32>().is_ok_and(|number| number <= most)
    };
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] => number(year, 4, 9999),
        [year, month, day] => number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31),
        _ => false,
    }
}

fn refuse(name: &str, reason: &str) -> Error {
    Error::Refused(format!("the claim {name:?}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(changes: &[(&str, &str)]) -> Result<Value> {
        let mut claims = Map::new();
        for (name, value) in changes {
            set(&mut claims, name, value)?;
        }
        Ok(Value::Object(claims))
    }

    #[test]
    fn core_5_1_claims_are_set_and_taken_away() {
        let all = changed(&[
            ("given_name", "Ann"),
            ("phone_number_verified", "true"),
            ("address.locality", "Zürich"),
            ("address.country", "CH"),
        ]);
        let expected = serde_json::json!({
            "given_name": "Ann", "phone_number_verified": true,
            "address": { "locality": "Zürich", "country": "CH" },
        });
        assert_eq!(all.unwrap(), expected);
        let gone = changed(&[("given_name", "Ann"), ("given_name", ""), ("address.region", "")]);
        assert_eq!(gone.unwrap(), serde_json::json!({}));
    }

    #[test]
    fn core_5_1_what_is_no_claim_is_refused() {
        for (name, value) in [
            ("sub", "x"),
            ("acr", "x"),
            ("email", "x"),
            ("email_verified", "true"),
            ("org_id", "x"),
            ("address", "x"),
            ("address.planet", "x"),
            ("phone_number_verified", "yes"),
            ("birthdate", "31.12.1999"),
            ("birthdate", "1999-13-01"),
            ("nickname", "a\u{7}b"),
        ] {
            assert!(changed(&[(name, value)]).is_err(), "{name}={value}");
        }
        for value in ["1999-12-31", "0000-12-31", "1999"] {
            assert!(changed(&[("birthdate", value)]).is_ok(), "{value}");
        }
    }
}
