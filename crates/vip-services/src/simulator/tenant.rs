//! Users, their credentials, and what the service says of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::Now;
use super::rule::Rule;
use super::token::{State, Token, Verdict};
use crate::message::{
    Answer, Binding, CredentialType, NewCredential, Operation, Request, Response, SecurityCode, UserStatus,
};
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
    served: u64,
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

/// A status with its reason.
type Refusal = (u16, Option<u16>);

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

    fn act(&mut self, operation: &Operation, now: i64) -> Result<Answer, Refusal> {
        match operation {
            Operation::GetServerTime => Ok(Answer::Time(
                chrono::DateTime::from_timestamp(now, 0).map(|time| time.to_rfc3339()).unwrap_or_default(),
            )),
            Operation::Synchronize { credential_id, codes } => self.synchronize(credential_id, codes, now),
            Operation::CreateUser { user_id } => {
                let key = user_id.to_lowercase();
                if self.users.contains_key(&key) {
                    return Err((0x6002, None));
                }
                let user = User { id: user_id.clone(), status: UserStatus::Active, bindings: Vec::new() };
                self.users.insert(key, user);
                Ok(Answer::Nothing)
            }
            Operation::UpdateUser { user_id, status } => self.update_user(user_id, *status),
            Operation::AddCredential { user_id, credential, codes } => {
                self.add(user_id, credential, codes, now)
            }
            Operation::UpdateCredential { user_id, credential } => {
                let user = self.user(user_id)?;
                let bound =
                    user.bindings.iter_mut().find(|(id, _)| *id == credential.id).ok_or((0x6007, None))?;
                bound.1.clone_from(&credential.friendly_name);
                Ok(Answer::Nothing)
            }
            Operation::RemoveCredential { user_id, credential_id, .. } => {
                let user = self.user(user_id)?;
                let before = user.bindings.len();
                user.bindings.retain(|(id, _)| id != credential_id);
                if user.bindings.len() < before { Ok(Answer::Nothing) } else { Err((0x6007, None)) }
            }
            Operation::AuthenticateUser { user_id, code } => self.authenticate(user_id, code.expose(), now),
            Operation::GetUserInfo { user_id } => self.describe(user_id),
        }
    }

    fn user(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.users.get_mut(&id.to_lowercase()).ok_or((0x6003, None))
    }

    fn update_user(&mut self, user_id: &str, status: Option<UserStatus>) -> Result<Answer, Refusal> {
        let user = self.user(user_id)?;
        user.status = status.unwrap_or(user.status);
        let bound: Vec<String> = user.bindings.iter().map(|(id, _)| id.clone()).collect();
        for id in bound.iter().filter(|_| status == Some(UserStatus::Active)) {
            if let Some(token) = self.credentials.get_mut(id).filter(|token| token.state == State::Locked) {
                token.set(State::Enabled);
            }
        }
        Ok(Answer::Nothing)
    }

    fn add(
        &mut self,
        user_id: &str,
        credential: &NewCredential,
        codes: &(SecurityCode, Option<SecurityCode>),
        now: i64,
    ) -> Result<Answer, Refusal> {
        self.user(user_id)?;
        if self.users.values().any(|user| user.bindings.iter().any(|(id, _)| *id == credential.id)) {
            return Err((0x6026, None));
        }
        let token = self.credentials.get_mut(&credential.id).ok_or((0x6004, None))?;
        if credential.kind != CredentialType::StandardOtp {
            return Err((0x6006, None));
        }
        usable(token).map_err(|reason| (0x6009, Some(reason)))?;
        let right = match &codes.1 {
            Some(second) => token.judge_pair(codes.0.expose(), second.expose(), now),
            None => token.judge(codes.0.expose(), now) == Verdict::Accepted,
        };
        if !right {
            token.failed();
            return Err((0x6009, Some(0x49B5)));
        }
        let (id, name) = (credential.id.clone(), credential.friendly_name.clone());
        self.user(user_id)?.bindings.push((id, name));
        Ok(Answer::Nothing)
    }

    fn synchronize(
        &mut self,
        credential_id: &str,
        codes: &(SecurityCode, SecurityCode),
        now: i64,
    ) -> Result<Answer, Refusal> {
        let token = self.credentials.get_mut(credential_id).ok_or((0x49F2, None))?;
        usable(token).map_err(|reason| (reason, None))?;
        if token.judge_pair(codes.0.expose(), codes.1.expose(), now) {
            return Ok(Answer::Nothing);
        }
        token.failed();
        Err((0x49B5, None))
    }

    fn authenticate(&mut self, user_id: &str, code: &str, now: i64) -> Result<Answer, Refusal> {
        let user = self.user(user_id)?;
        if user.status != UserStatus::Active {
            return Err((0x601B, None));
        }
        let bound: Vec<String> = user.bindings.iter().map(|(id, _)| id.clone()).collect();
        if bound.is_empty() {
            return Err((0x6008, None));
        }
        // What stands in the way where no credential takes codes.
        let mut reason = None;
        let mut tried = Vec::new();
        let mut out_of_step = false;
        for id in bound {
            let Some(token) = self.credentials.get_mut(&id) else { continue };
            if let Err(refusal) = usable(token) {
                reason = Some(refusal);
                continue;
            }
            match token.judge(code, now) {
                Verdict::Accepted => {
                    let authn_id = Some(format!("A{:015}", self.serial()));
                    let kind = Some(CredentialType::StandardOtp);
                    return Ok(Answer::Authenticated { credential_id: Some(id), kind, authn_id });
                }
                Verdict::OutOfStep => out_of_step = true,
                Verdict::Wrong => {}
            }
            tried.push(id);
        }
        if tried.is_empty() {
            return Err((0x6009, reason));
        }
        for id in &tried {
            self.credentials.get_mut(id).map(Token::failed).unwrap_or_default();
        }
        if out_of_step { Err((0x604A, Some(0x4923))) } else { Err((0x6009, Some(0x49B5))) }
    }

    fn serial(&mut self) -> u64 {
        self.served += 1;
        self.served
    }

    fn describe(&mut self, user_id: &str) -> Result<Answer, Refusal> {
        let user = self.user(user_id)?;
        let (user_id, status, bound) = (user.id.clone(), user.status, user.bindings.clone());
        let bindings = bound.into_iter().map(|(credential_id, friendly_name)| Binding {
            enabled: self.credentials.get(&credential_id).is_some_and(|token| token.state == State::Enabled),
            kind: CredentialType::StandardOtp,
            credential_id,
            friendly_name,
        });
        Ok(Answer::User { user_id: Some(user_id), status: Some(status), bindings: bindings.collect() })
    }
}

/// Whether a token takes codes; else the reason.
fn usable(token: &Token) -> Result<(), u16> {
    match token.state {
        State::Enabled => Ok(()),
        State::Disabled => Err(0x4993),
        State::Locked => Err(0x4994),
        State::New => Err(0x4995),
        State::Inactive => Err(0x4996),
    }
}
