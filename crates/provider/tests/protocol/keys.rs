//! Signing keys: announced, signing, superseded, retired, as clients and other nodes see them.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_identity::Level;
use countersign_provider::jose::keys::Alg;
use countersign_provider::signing_keys::life::{SEEN, Schedule, State, overlap};
use countersign_provider::signing_keys::{self, Retirement, Rotation};
use countersign_provider::{Provider, ProviderSettings, routes};
use countersign_store::directory;
use countersign_store::signing_key;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::house::{App, House, form};

const NOW: Rotation = Rotation { after: 0, retire: false };
const AT_ONCE: Rotation = Rotation { after: 0, retire: true };
const OUT: &str = "https://app.example/out";

/// A client whose ID tokens are signed with ES256, and a person's cookies.
async fn signed_in(house: &House) -> (App, String) {
    let id = house.person("ds@example.com", &["deepsight:acme"]).await;
    (house.app(Some("deepsight"), |_| {}).await, house.session(&id, Level::Password).await)
}

/// The kid of a fresh ID token, with the token.
async fn signed(house: &House, app: &App, cookies: &str) -> (String, String) {
    let tokens = house.tokens(app, cookies).await;
    let token = tokens["id_token"].as_str().unwrap().to_owned();
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    (header["kid"].as_str().unwrap().to_owned(), token)
}

fn kids(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().unwrap().iter().filter(|key| key["alg"] == "ES256");
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn published(house: &House) -> Vec<String> {
    kids(&house.get("/jwks", "").await.json())
}

async fn rotate(house: &House, how: Rotation) -> String {
    signing_keys::rotate(&house.identity, &[Alg::Es256], how).await.unwrap().remove(0)
}

/// Time passes, and the provider looks at its keys as it always does.
async fn pass(house: &House, seconds: i64) {
    house.clock.advance(seconds);
    house.provider.reload_keys().await.unwrap();
}

#[tokio::test]
async fn core_10_1_1_a_new_key_is_published_before_it_signs_and_the_old_one_after() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let old = signed(&house, &app, &cookies).await.0;
    let new = rotate(&house, Rotation { after: 3_600, retire: false }).await;
    pass(&house, 0).await;
    let both = [old.clone(), new.clone()];
    assert_eq!(published(&house).await, both);
    pass(&house, 3_599).await;
    assert_eq!(signed(&house, &app, &cookies).await.0, old);
    pass(&house, 1).await;
    assert_eq!(signed(&house, &app, &cookies).await.0, new);
    pass(&house, overlap(house.identity.settings()) - 1).await;
    assert_eq!(published(&house).await, both);
    pass(&house, 1).await;
    assert_eq!(published(&house).await, [new]);
}

#[tokio::test]
async fn a_hint_is_good_while_the_key_that_signed_it_is_published_and_refused_at_once_after() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let (old, token) = signed(&house, &app, &cookies).await;
    rotate(&house, NOW).await;
    pass(&house, SEEN).await;
    let hinted = app.request(&[("id_token_hint", &token), ("prompt", "none")]);
    let out =
        format!("/logout?{}", form(&[("id_token_hint", token.as_str()), ("post_logout_redirect_uri", OUT)]));
    house.get(&hinted, &cookies).await.code();
    assert_eq!(signing_keys::retire(&house.identity, &old).await.unwrap(), Retirement::Done(None));
    pass(&house, 0).await;
    assert_eq!(house.get(&hinted, &cookies).await.error(), "invalid_request");
    assert!(house.get(&out, &cookies).await.is_local_page());
    // The session is still there, and a token of the key in use ends it.
    let (_, token) = signed(&house, &app, &cookies).await;
    let out =
        format!("/logout?{}", form(&[("id_token_hint", token.as_str()), ("post_logout_redirect_uri", OUT)]));
    assert_eq!(house.get(&out, &cookies).await.header("location"), OUT);
}

#[tokio::test]
async fn a_leaked_key_is_replaced_and_refused_in_one_step() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let (old, token) = signed(&house, &app, &cookies).await;
    let waiting = rotate(&house, Rotation { after: 3_600, retire: false }).await;
    let new = rotate(&house, AT_ONCE).await;
    pass(&house, 0).await;
    assert_eq!(published(&house).await, [old, new.clone(), waiting]);
    pass(&house, SEEN).await;
    assert_eq!(published(&house).await, std::slice::from_ref(&new));
    assert_eq!(signed(&house, &app, &cookies).await.0, new);
    let hinted = app.request(&[("id_token_hint", &token), ("prompt", "none")]);
    assert_eq!(house.get(&hinted, &cookies).await.error(), "invalid_request");
    // Long after, what was announced before has not come back.
    pass(&house, 10_000_000).await;
    assert_eq!(published(&house).await, [new]);
}

#[tokio::test]
async fn a_key_that_signs_is_retired_only_when_another_can_take_its_place() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let old = signed(&house, &app, &cookies).await.0;
    let retire = async |kid: &str| signing_keys::retire(&house.identity, kid).await.unwrap();
    assert_eq!(retire("nobody").await, Retirement::Unknown);
    assert_eq!(retire(&old).await, Retirement::Needed("ES256".into()));
    let new = rotate(&house, Rotation { after: 3_600, retire: false }).await;
    assert_eq!(retire(&old).await, Retirement::Done(Some(new.clone())));
    assert_eq!(retire(&old).await, Retirement::Already);
    pass(&house, 0).await;
    assert_eq!(published(&house).await, std::slice::from_ref(&new));
    assert_eq!(signed(&house, &app, &cookies).await.0, new);
    let rows = signing_key::all(house.identity.store().read()).await.unwrap();
    assert!(rows.iter().all(|row| row.private_key.is_empty() == (row.kid == old)), "erased, and it alone");
}

#[tokio::test]
async fn a_change_on_one_node_is_seen_by_another() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let old = signed(&house, &app, &cookies).await.0;
    let other = Provider::open(house.provider.ui().clone(), ProviderSettings::default()).await.unwrap();
    let router: Router = routes(&other).unwrap();
    let at_other = async || {
        let asked = router.clone().oneshot(Request::get("/jwks").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(asked.status(), StatusCode::OK);
        assert_eq!(asked.headers()["cache-control"], "public, max-age=900");
        kids(&serde_json::from_slice(&to_bytes(asked.into_body(), 1 << 20).await.unwrap()).unwrap())
    };
    assert_eq!(at_other().await, std::slice::from_ref(&old));
    let new = rotate(&house, NOW).await;
    other.reload_keys().await.unwrap();
    assert_eq!(at_other().await, [old.clone(), new.clone()]);
    house.clock.advance(SEEN);
    signing_keys::retire(&house.identity, &old).await.unwrap();
    other.reload_keys().await.unwrap();
    assert_eq!(at_other().await, [new]);
}

#[tokio::test]
async fn of_many_nodes_one_makes_the_key_that_the_schedule_asks_for() {
    let house = House::open().await;
    let schedule = Schedule { rotate: 1_000_000, announce: 3_600 };
    let follow = async || {
        let nodes = (0..8).map(|_| {
            let identity = house.identity.clone();
            tokio::spawn(async move { signing_keys::follow(&identity, schedule).await.unwrap() })
        });
        for node in nodes.collect::<Vec<_>>() {
            node.await.unwrap();
        }
        let all = signing_keys::list(&house.identity).await.unwrap();
        Alg::OURS.map(|alg| {
            let of_alg = all.iter().filter(|(key, _)| key.alg == alg.as_str());
            of_alg.map(|(_, life)| life.state).collect::<Vec<_>>()
        })
    };
    house.clock.advance(1_000_000 - 3_601);
    let revision = async || directory::revision(house.identity.store().read()).await.unwrap();
    let before = revision().await;
    for states in follow().await {
        assert_eq!(states, [State::Signing]);
    }
    assert_eq!(revision().await, before, "nothing to do, nothing written");
    house.clock.advance(1);
    for states in follow().await {
        assert_eq!(states, [State::Signing, State::Announced]);
    }
    house.clock.advance(3_600);
    for states in follow().await {
        assert_eq!(states, [State::Superseded, State::Signing]);
    }
    house.clock.advance(overlap(house.identity.settings()));
    for states in follow().await {
        assert_eq!(states, [State::Retired, State::Signing]);
    }
    let rows = signing_key::all(house.identity.store().read()).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.private_key.is_empty()).count(), 3, "erased once retired");
    let never = Schedule { rotate: 0, ..schedule };
    house.clock.advance(100_000_000);
    signing_keys::follow(&house.identity, never).await.unwrap();
    assert_eq!(signing_key::all(house.identity.store().read()).await.unwrap(), rows);
}
