//! The acr decision: which level a request needs, and which `acr` the answer carries.
//!
//! `acr` is evidence. The level needed is decided here from what administrators configured and what the client
//! insists on; the `acr` answered comes from what was proved in the session, and from nothing else.

use countersign_identity::Level;

use crate::claims_parameter::ClaimsParameter;

/// What a request asks of the authentication context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// The values the client insists on; an empty list means any value will do, as long as there is one.
    pub essential: Option<Vec<String>>,
    /// The values it would like. They change nothing: the address decides, and the true `acr` is answered.
    pub voluntary: Vec<String>,
}

impl Requested {
    /// Reads `claims` and `acr_values`.
    #[must_use]
    pub fn read(claims: &ClaimsParameter, acr_values: Option<&str>) -> Self {
        let mut voluntary: Vec<String> =
            acr_values.unwrap_or_default().split(' ').map(str::to_owned).collect();
        voluntary.retain(|value| !value.is_empty());
        match claims.in_id_token("acr") {
            Some(wish) if wish.essential => Self { essential: Some(wish.values.clone()), voluntary },
            Some(wish) => {
                voluntary.extend(wish.values.iter().cloned());
                Self { essential: None, voluntary }
            }
            None => Self { essential: None, voluntary },
        }
    }

    /// The levels that satisfy the essential request: none when it is not essential or any value will do.
    fn acceptable(&self, acr: &Acr) -> Option<Vec<Level>> {
        let values = self.essential.as_ref().filter(|values| !values.is_empty())?;
        Some(values.iter().filter_map(|value| acr.level(value)).collect())
    }
}

/// The essential request names no level that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("none of the essential acr values is supported")]
pub struct Unmet;

/// The `acr` values of this issuer.
#[derive(Clone, Debug)]
pub struct Acr {
    password: String,
    vip: String,
}

impl Acr {
    /// The values under `issuer`.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        let issuer = issuer.trim_end_matches('/');
        Self { password: format!("{issuer}/acr/password"), vip: format!("{issuer}/acr/vip") }
    }

    /// The value that states a level.
    #[must_use]
    pub fn value(&self, level: Level) -> &str {
        match level {
            Level::Password => &self.password,
            Level::Vip => &self.vip,
        }
    }

    /// The level a value states.
    #[must_use]
    pub fn level(&self, value: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| self.value(*level) == value)
    }

    /// The level a request needs: the highest of the address's rule, the client's minimum and the least that
    /// satisfies the essential request.
    ///
    /// # Errors
    /// [`Unmet`] when the essential request names no level there is.
    pub fn required(
        &self,
        address: Level,
        client: Option<Level>,
        requested: &Requested,
    ) -> Result<Level, Unmet> {
        let base = client.map_or(address, |client| client.max(address));
        match requested.acceptable(self) {
            // OIDC Core §5.5.1.1: an essential acr that can't be met is a failed authentication.
            Some(acceptable) => acceptable.into_iter().min().map(|least| least.max(base)).ok_or(Unmet),
            None => Ok(base),
        }
    }

    /// Whether a level satisfies the essential request, or there is none.
    #[must_use]
    pub fn exists(&self, requested: &Requested) -> bool {
        requested.acceptable(self).is_none_or(|acceptable| !acceptable.is_empty())
    }

    /// The least level that satisfies the essential request, if there is one.
    #[must_use]
    pub fn essential(&self, requested: &Requested) -> Option<Level> {
        requested.acceptable(self)?.into_iter().min()
    }

    /// The `acr` of a session at `level`. It is the level itself, but for an essential request that names only
    /// lower ones: the highest of those was proved too, and OIDC Core §5.5.1.1 wants a requested value.
    #[must_use]
    pub fn answer(&self, level: Level, requested: &Requested) -> &str {
        let acceptable = requested.acceptable(self);
        let highest = acceptable.and_then(|levels| levels.into_iter().filter(|named| *named <= level).max());
        self.value(highest.unwrap_or(level))
    }
}

/// The `amr` of a session at `level` (RFC 8176 names): always all that was proved.
#[must_use]
pub fn amr(level: Level) -> &'static [&'static str] {
    match level {
        Level::Password => &["pwd"],
        Level::Vip => &["pwd", "otp", "mfa"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "https://portal.example/acr/password";
    const VIP: &str = "https://portal.example/acr/vip";

    fn acr() -> Acr {
        Acr::new("https://portal.example")
    }

    fn essential(values: &[&str]) -> Requested {
        let essential = Some(values.iter().map(|value| (*value).to_owned()).collect());
        Requested { essential, voluntary: Vec::new() }
    }

    #[test]
    fn the_highest_of_address_client_and_essential_request_is_required() {
        use Level::{Password as P, Vip as V};
        let none = Requested::default();
        let voluntary = Requested { essential: None, voluntary: vec![VIP.into()] };
        for (address, client, requested, needed) in [
            (P, None, &none, Ok(P)),
            (V, None, &none, Ok(V)),
            (P, Some(P), &none, Ok(P)),
            (P, Some(V), &none, Ok(V)),
            (V, Some(P), &none, Ok(V)),
            (P, None, &voluntary, Ok(P)),
            (P, None, &essential(&[VIP]), Ok(V)),
            (P, None, &essential(&[PASSWORD]), Ok(P)),
            (P, None, &essential(&[VIP, PASSWORD]), Ok(P)),
            (V, None, &essential(&[PASSWORD]), Ok(V)),
            (P, Some(V), &essential(&[PASSWORD]), Ok(V)),
            (P, None, &essential(&["urn:x", PASSWORD]), Ok(P)),
            (P, None, &essential(&["urn:x"]), Err(Unmet)),
            (V, None, &essential(&["urn:x"]), Err(Unmet)),
            (P, None, &essential(&[]), Ok(P)),
        ] {
            assert_eq!(
                acr().required(address, client, requested),
                needed,
                "{address:?} {client:?} {requested:?}"
            );
        }
    }

    #[test]
    fn core_5_5_1_1_the_answer_is_what_was_proved() {
        for (level, requested, answer) in [
            (Level::Password, Requested::default(), PASSWORD),
            (Level::Vip, Requested::default(), VIP),
            (Level::Vip, essential(&[PASSWORD]), PASSWORD),
            (Level::Vip, essential(&[PASSWORD, VIP]), VIP),
            (Level::Vip, essential(&[]), VIP),
            (Level::Password, Requested { essential: None, voluntary: vec![VIP.into()] }, PASSWORD),
            (Level::Vip, Requested { essential: None, voluntary: vec![PASSWORD.into()] }, VIP),
            // Never above what was proved, whatever is asked.
            (Level::Password, essential(&[VIP]), PASSWORD),
        ] {
            assert_eq!(acr().answer(level, &requested), answer, "{level:?} {requested:?}");
        }
    }

    #[test]
    fn amr_tells_all_that_was_proved() {
        assert_eq!(amr(Level::Password), ["pwd"]);
        assert_eq!(amr(Level::Vip), ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn core_5_5_1_1_essential_comes_from_claims_and_voluntary_from_acr_values() {
        let claims = |text: &str| ClaimsParameter::parse(Some(text)).unwrap();
        let read =
            Requested::read(&claims(r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#), Some("b  c"));
        assert_eq!(
            read,
            Requested { essential: Some(vec!["a".into()]), voluntary: vec!["b".into(), "c".into()] }
        );
        let read = Requested::read(&claims(r#"{"id_token":{"acr":{"values":["a"]}}}"#), None);
        assert_eq!(read, Requested { essential: None, voluntary: vec!["a".into()] });
    }

    #[test]
    fn an_issuer_with_a_path_keeps_it() {
        assert_eq!(Acr::new("https://a.example/p").value(Level::Vip), "https://a.example/p/acr/vip");
    }
}
