//! `sector_identifier_uri`: the list of redirect URIs whose clients know people by the same names (OIDC Registration
//! §5). Without a look at it, any client could say that it belongs to another's sector.

use countersign_store::client::Client;
use serde_json::Value;

use crate::client_rules::Unfit;
use crate::jose::json;
use crate::outbound::Outbound;

const MEMBER: &str = "sector_identifier_uri";

/// Fetches the list, where the client names one, and looks for each of its redirect URIs there.
///
/// # Errors
/// [`Unfit`].
pub(super) async fn check(outbound: &Outbound, client: &Client) -> Result<(), Unfit> {
    let Some(uri) = client.metadata.sector_identifier_uri.as_deref() else { return Ok(()) };
    // Asked for now: a list that was wrong has been corrected, or so its owner hopes.
    let fetched = outbound.get_fresh(uri, &["application/json"]).await;
    let fetched = fetched.map_err(|refused| Unfit::new(MEMBER, format!("{uri:?}: {refused}")))?;
    covers(&fetched.body, client)
}

fn covers(list: &[u8], client: &Client) -> Result<(), Unfit> {
    let listed: Option<Vec<String>> = match json::parse(list) {
        Ok(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let Some(listed) = listed else {
        return Err(Unfit::new(MEMBER, "what is there is not a JSON array of strings"));
    };
    match client.redirect_uris().find(|uri| !listed.iter().any(|known| known == uri)) {
        Some(missing) => Err(Unfit::new(MEMBER, format!("the list there does not hold {missing:?}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;

    #[test]
    fn registration_5_the_list_holds_every_redirect_uri_letter_by_letter() {
        let client = client("app", &["https://a.example/cb", "https://b.example/cb"]);
        let fits = |list: &str| covers(list.as_bytes(), &client).is_ok();
        assert!(fits(r#"["https://b.example/cb","https://a.example/cb","https://c.example/cb"]"#));
        for list in [
            "",
            "[]",
            "{}",
            r#""https://a.example/cb""#,
            r#"["https://a.example/cb"]"#,
            r#"["https://a.example/cb","https://b.example/"]"#,
            r#"["https://a.example/cb","https://b.example/CB"]"#,
            r#"["https://a.example/cb","https://b.example/cb",1]"#,
            r#"[["https://a.example/cb","https://b.example/cb"]]"#,
        ] {
            assert!(!fits(list), "{list}");
        }
    }
}
