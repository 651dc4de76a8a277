//! Front-channel logout: the page after `/logout` loads an address of each application that took part.

use axum::http::StatusCode;
use countersign_identity::Level;

use crate::house::{Answer, App, House, ISSUER, claims, form};

const OUT: &str = "https://app.example/out";

async fn app(house: &House, id: &str, uri: Option<&str>) -> App {
    house
        .app(None, |client| {
            client.id = id.into();
            client.metadata.frontchannel_logout_uri = uri.map(str::to_owned);
        })
        .await
}

/// The addresses of the page's frames.
fn frames(page: &Answer) -> Vec<String> {
    let frames = page.text.split("<iframe ").skip(1);
    let address = |frame: &str| frame.split("src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    frames.map(|frame| address(frame).replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn front_channel_logout_3_everybody_who_took_part_is_loaded_with_iss_and_sid_and_the_person_goes_on() {
    let house = House::open().await;
    let one = app(&house, "one", Some("https://app.example/forget?a=b")).await;
    let two = app(&house, "two", Some("https://app.example:8443/forget")).await;
    let silent = app(&house, "silent", None).await;
    app(&house, "elsewhere", Some("https://app.example/elsewhere")).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    for party in [&one, &two, &silent, &one] {
        house.get(&party.request(&[]), &cookies).await.code();
    }
    let hint = house.tokens(&silent, &cookies).await["id_token"].clone();
    let sid = claims(&hint)["sid"].as_str().unwrap().to_owned();
    let path = form(&[
        ("id_token_hint", hint.as_str().unwrap()),
        ("post_logout_redirect_uri", OUT),
        ("state", "a b"),
    ]);
    let page = house.get(&format!("/logout?{path}"), &cookies).await;
    assert_eq!(page.status, StatusCode::OK);
    let query = form(&[("iss", ISSUER), ("sid", &sid)]);
    let mut loaded = frames(&page);
    loaded.sort();
    assert_eq!(
        loaded,
        [
            format!("https://app.example/forget?a=b&{query}"),
            format!("https://app.example:8443/forget?{query}")
        ]
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains("; frame-src https://app.example https://app.example:8443;"), "{policy}");
    assert_eq!(page.header("refresh"), "3; url=https://app.example/out?state=a+b");
    assert!(page.text.contains(r#"id="continue""#) && page.text.contains("<script src="), "{}", page.text);
    assert!(page.headers.get_all("set-cookie").iter().any(|set| {
        set.to_str().is_ok_and(|set| set.starts_with("countersign-session=;") && set.contains("Max-Age=0"))
    }));
    // The same request again: there is nobody to forget any more.
    let again = house.get(&format!("/logout?{path}"), &cookies).await;
    assert_eq!(again.header("location"), "https://app.example/out?state=a+b");
}

#[tokio::test]
async fn front_channel_logout_without_a_way_back_the_page_stays() {
    let house = House::open().await;
    let app = app(&house, "one", Some("https://app.example/forget")).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    house.get(&app.request(&[]), &cookies).await.code();
    let question = house.get("/logout", &cookies).await;
    assert!(frames(&question).is_empty(), "nobody is told before the person has answered");
    let action = question.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = house.post(&action, &cookies, String::new()).await;
    assert_eq!(frames(&page).len(), 1);
    assert_eq!(page.header("refresh"), "");
    assert!(page.text.contains(r#"id="again""#) && !page.text.contains("<script"), "{}", page.text);
}
