//! A revocation reaches every server: at once where it was made, and within a second at another one that has
//! answered for the same token a moment before.

use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::relying_party::RelyingParty;

conformance_tests::on_both_databases!(
    a_revoked_grant_is_refused_by_every_server,
    an_administrators_change_reaches_every_server,
);

/// Two servers on one database, and the same application at each.
fn two_servers(backend: Backend) -> (Cast, [RelyingParty; 2]) {
    let mut house = House::serve(backend);
    house.start_server();
    let cast = Cast::new(house);
    let at = [0, 1].map(|server: usize| cast.deepsight.through(&cast.house.bases[server]));
    (cast, at)
}

/// Waits until the server refuses the token, and fails when it goes on answering for a second.
async fn refuses_within_a_second(party: &RelyingParty, token: &str) {
    let until = Instant::now() + Duration::from_secs(1);
    while party.userinfo(token).await.status != 401 {
        assert!(Instant::now() < until, "it still answers");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_revoked_grant_is_refused_by_every_server(backend: Backend) {
    let (cast, [one, other]) = two_servers(backend);
    let mut human = cast.enrolled("given.back@revoked.test", &["deepsight:acme"]).await;
    for kind in ["access_token", "refresh_token"] {
        let (away, attempt) = human.sign_in(&mut cast.house.person(), &cast.deepsight, &[]).await;
        let (tokens, _) = one.tokens(&away, &attempt).await;
        let access = tokens.text("access_token");
        for party in [&one, &other] {
            assert_eq!(party.userinfo(access).await.status, 200);
        }
        assert_eq!(one.revoke(tokens.text(kind)).await.status, 200);
        assert_eq!(one.userinfo(access).await.status, 401, "at once where it was made");
        assert_eq!(other.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
        refuses_within_a_second(&other, access).await;
    }
}

async fn an_administrators_change_reaches_every_server(backend: Backend) {
    let (cast, [one, other]) = two_servers(backend);
    let mut human = cast.enrolled("client.gone@revoked.test", &["deepsight:acme"]).await;
    let (away, attempt) = human.sign_in(&mut cast.house.person(), &cast.deepsight, &[]).await;
    let (tokens, _) = one.tokens(&away, &attempt).await;
    let access = tokens.text("access_token");
    for party in [&one, &other] {
        assert_eq!(party.userinfo(access).await.status, 200);
    }
    cast.house.admin(&["client", "remove", &cast.deepsight.id]);
    refuses_within_a_second(&one, access).await;
    refuses_within_a_second(&other, access).await;
}
