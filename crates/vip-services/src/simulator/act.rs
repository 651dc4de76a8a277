//! What the tenant does when it is asked, and what it answers.

use super::tenant::{Inside, User};
use super::token::{State, Token, Verdict};
use crate::message::{Answer, Binding, CredentialType, NewCredential, Operation, SecurityCode, UserStatus};

/// A status with its reason.
type Refusal = (u16, Option<u16>);

impl Inside {
    /// Does what is asked.
    pub(super) fn act(&mut self, operation: &Operation, now: i64) -> Result<Answer, Refusal> {
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
