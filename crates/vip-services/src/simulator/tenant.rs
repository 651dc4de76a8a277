//! Users, their credentials, and what the service says of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::Now;
use super::rule::Rule;
use super::token::{State, Token};
use crate::message::{Answer, CredentialType, Operation, Request, Response, UserStatus};
use crate::status::{Code, meaning};

/// Requests remembered for whoever tests.
const REMEMBERED: usize = 1_000;

/// A tenant.
pub struct Tenant {
    now: Now,
    latency: Duration,
    inside: Mutex<Inside>,
}

#[derive(Default)]
pub(super) struct Inside {
    /// By id in lower case: its case does not count.
    pub(super) users: BTreeMap<String, User>,
    pub(super) credentials: BTreeMap<String, Token>,
    pub(super) rules: Vec<Rule>,
    pub(super) seen: VecDeque<Seen>,
    pub(super) served: u64,
}

pub(super) struct User {
    /// As it was first spelt.
    pub(super) id: String,
    pub(super) status: UserStatus,
    /// Credential ID and friendly name.
    pub(super) bindings: Vec<(String, Option<String>)>,
}

/// A request that was answered, without its codes.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// What was asked.
    pub operation: &'static str,
    /// About whom.
    pub user_id: Option<String>,
    /// The request's id.
    pub request_id: String,
    /// What was answered.
    pub status: String,
    /// And why.
    pub detail: Option<String>,
}

impl Tenant {
    /// A tenant with these tokens, which answers after `latency`.
    #[must_use]
    pub fn new(tokens: Vec<(String, Token)>, latency: Duration, now: Now) -> Self {
        let inside = Inside { credentials: tokens.into_iter().collect(), ..Inside::default() };
        Self { now, latency, inside: Mutex::new(inside) }
    }

    /// More tokens.
    pub fn stock(&self, tokens: Vec<(String, Token)>) {
        self.lock().credentials.extend(tokens);
    }

    /// From now on, this rule too, before those there are.
    pub fn order(&self, rule: Rule) {
        self.lock().rules.insert(0, rule);
    }

    /// From now on, the truth.
    pub fn forget_rules(&self) {
        self.lock().rules.clear();
    }

    /// The requests answered so far, the latest last.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().seen.iter().cloned().collect()
    }

    /// Changes a credential's state: `ENABLED`, `DISABLED`, `LOCKED`, `NEW` or `INACTIVE`. False when there is no
    /// such credential or state.
    #[must_use]
    pub fn set_credential(&self, id: &str, state: &str) -> bool {
        match (State::parse(state), self.lock().credentials.get_mut(id)) {
            (Some(state), Some(token)) => {
                token.set(state);
                true
            }
            _ => false,
        }
    }

    /// Changes a user's status: `ACTIVE`, `DISABLED` or `LOCKED`. False when there is no such user or status.
    #[must_use]
    pub fn set_user(&self, id: &str, status: &str) -> bool {
        match (UserStatus::parse(status), self.lock().users.get_mut(&id.to_lowercase())) {
            (Some(status), Some(user)) => {
                user.status = status;
                true
            }
            _ => false,
        }
    }

    /// Binds a credential to a user, who is made if there is none: as registering does, without codes.
    pub fn bind(&self, user_id: &str, credential_id: &str) {
        let new = || User { id: user_id.to_owned(), status: UserStatus::Active, bindings: Vec::new() };
        let mut inside = self.lock();
        let user = inside.users.entry(user_id.to_lowercase()).or_insert_with(new);
        if !user.bindings.iter().any(|(id, _)| id == credential_id) {
            user.bindings.push((credential_id.to_owned(), None));
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn latency(&self) -> Duration {
        self.latency
    }

    /// The rule for a request, used once more.
    pub(super) fn rule(&self, operation: &Operation) -> Rule {
        let mut inside = self.lock();
        let fits = |rule: &Rule| {
            rule.times != Some(0)
                && rule.operation.as_deref().is_none_or(|name| name == operation.name())
                && rule
                    .user_id
                    .as_deref()
                    .is_none_or(|user| operation.user_id().is_some_and(|own| own.eq_ignore_ascii_case(user)))
        };
        let Some(rule) = inside.rules.iter_mut().find(|rule| fits(rule)) else { return Rule::default() };
        rule.times = rule.times.map(|times| times - 1);
        rule.clone()
    }

    /// The envelope of a status alone.
    pub(super) fn refused(&self, request: &Request, status: &str) -> String {
        let rule = Rule { status: Some(status.to_owned()), ..Rule::default() };
        self.answer(request, &rule).write(request.operation.name())
    }

    /// What is answered.
    pub(super) fn answer(&self, request: &Request, rule: &Rule) -> Response {
        let mut inside = self.lock();
        let ordered = rule.status.as_deref().and_then(Code::parse);
        let (status, detail, mut answer) = match ordered {
            Some(status) => (status, None, ordered_answer(&request.operation, status)),
            None => match inside.act(&request.operation, (self.now)()) {
                Ok(answer) => (Code::SUCCESS, None, answer),
                Err((status, detail)) => (Code::new(status), detail.map(Code::new), Answer::Nothing),
            },
        };
        if let Answer::Authenticated { credential_id, kind, .. } = &mut answer {
            if rule.credential_id.is_some() {
                credential_id.clone_from(&rule.credential_id);
            }
            if let Some(word) = &rule.credential_type {
                *kind = Some(CredentialType::parse(word));
            }
        }
        let detail = rule.detail.as_deref().and_then(Code::parse).or(detail);
        inside.remember(request, status, detail);
        Response {
            request_id: request.id.clone(),
            status,
            status_message: meaning(status).to_owned(),
            detail,
            detail_message: detail.map(|code| meaning(code).to_owned()),
            answer,
        }
    }
}

/// A success that was ordered names no credential unless the rule does.
fn ordered_answer(operation: &Operation, status: Code) -> Answer {
    match operation {
        Operation::AuthenticateUser { .. } if status == Code::SUCCESS => {
            Answer::Authenticated { credential_id: None, kind: None, authn_id: None }
        }
        _ => Answer::Nothing,
    }
}

impl Inside {
    fn remember(&mut self, request: &Request, status: Code, detail: Option<Code>) {
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen {
            operation: request.operation.name(),
            user_id: request.operation.user_id().map(str::to_owned),
            request_id: request.id.to_string(),
            status: status.to_string(),
            detail: detail.map(|code| code.to_string()),
        });
    }
}
