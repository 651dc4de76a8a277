//! The `claims` request parameter (OIDC Core §5.5): which claims are wanted where, and how badly.

use serde_json::{Map, Value};

use crate::jose::json;

/// What is asked of one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether the client can't go on without it.
    pub essential: bool,
    /// The values it would accept, in its order of preference; none means any.
    pub values: Vec<String>,
}

/// The parameter, read. Members other than `id_token` and `userinfo` are ignored (§5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsParameter {
    /// Claims wanted in the ID token.
    pub id_token: Vec<(String, Wish)>,
    /// Claims wanted from userinfo.
    pub userinfo: Vec<(String, Wish)>,
}

/// The parameter is not what OIDC Core §5.5 describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("claims must be a JSON object as OpenID Connect Core 5.5 describes it")]
pub struct Malformed;

impl ClaimsParameter {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(text: Option<&str>) -> Result<Self, Malformed> {
        let Some(text) = text else { return Ok(Self::default()) };
        let Ok(Value::Object(members)) = json::parse(text.as_bytes()) else { return Err(Malformed) };
        Ok(Self { id_token: wishes(members.get("id_token"))?, userinfo: wishes(members.get("userinfo"))? })
    }

    /// What is asked of a claim of the ID token.
    #[must_use]
    pub fn in_id_token(&self, name: &str) -> Option<&Wish> {
        self.id_token.iter().find(|(asked, _)| asked == name).map(|(_, wish)| wish)
    }
}

fn wishes(member: Option<&Value>) -> Result<Vec<(String, Wish)>, Malformed> {
    match member {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(claims)) => {
            claims.iter().map(|(name, value)| Ok((name.clone(), wish(value)?))).collect()
        }
        Some(_) => Err(Malformed),
    }
}

fn wish(value: &Value) -> Result<Wish, Malformed> {
    match value {
        // §5.5.1: null means a voluntary claim, asked in the default manner.
        Value::Null => Ok(Wish::default()),
        Value::Object(members) => Ok(Wish { essential: essential(members)?, values: values(members)? }),
        _ => Err(Malformed),
    }
}

fn essential(members: &Map<String, Value>) -> Result<bool, Malformed> {
    members.get("essential").map_or(Ok(false), |value| value.as_bool().ok_or(Malformed))
}

fn values(members: &Map<String, Value>) -> Result<Vec<String>, Malformed> {
    match (members.get("value"), members.get("values")) {
        (None, None) => Ok(Vec::new()),
        // §5.5.1 defines value and values as two ways to say it: both at once contradict each other.
        (Some(_), Some(_)) => Err(Malformed),
        (Some(value), None) => Ok(vec![text(value)]),
        (None, Some(Value::Array(listed))) if !listed.is_empty() => Ok(listed.iter().map(text).collect()),
        (None, Some(_)) => Err(Malformed),
    }
}

/// Claims may have values of any type; the ones that are compared here are strings, so nothing else can match.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ClaimsParameter, Malformed> {
        ClaimsParameter::parse(Some(text))
    }

    #[test]
    fn core_5_5_the_example() {
        let read = parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null},
                "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:a","urn:b"]}},"other":1}"#,
        )
        .unwrap();
        assert_eq!(read.userinfo.len(), 2);
        assert!(read.in_id_token("auth_time").unwrap().essential);
        assert_eq!(read.in_id_token("acr").unwrap().values, ["urn:a", "urn:b"]);
        assert!(!read.in_id_token("acr").unwrap().essential);
        assert_eq!(read.in_id_token("sub"), None);
    }

    #[test]
    fn core_5_5_1_value_is_one_of_values() {
        let read = parse(r#"{"id_token":{"acr":{"essential":true,"value":"x"}}}"#).unwrap();
        assert_eq!(read.in_id_token("acr"), Some(&Wish { essential: true, values: vec!["x".into()] }));
    }

    #[test]
    fn core_5_5_malformed_requests_are_refused() {
        for text in [
            "",
            "1",
            "[]",
            "null",
            "{",
            r#"{"id_token":1}"#,
            r#"{"id_token":[]}"#,
            r#"{"id_token":{"acr":1}}"#,
            r#"{"id_token":{"acr":{"essential":"true"}}}"#,
            r#"{"id_token":{"acr":{"values":"x"}}}"#,
            r#"{"id_token":{"acr":{"values":[]}}}"#,
            r#"{"id_token":{"acr":{"value":"x","values":["y"]}}}"#,
            r#"{"id_token":{"acr":null,"acr":{"essential":true}}}"#,
            r#"{"id_token":{},"id_token":{}}"#,
        ] {
            assert_eq!(parse(text), Err(Malformed), "{text}");
        }
    }
}
