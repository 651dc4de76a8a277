//! The client meets the simulator over mutual TLS.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use countersign_vip_services::client::{Client, Failure, Settings};
use countersign_vip_services::message::{
    Answer, CredentialType, NewCredential, Operation, RequestId, Response, SecurityCode, UserStatus,
};
use countersign_vip_services::simulator::certificates::Certificates;
use countersign_vip_services::simulator::rule::{Fault, Rule};
use countersign_vip_services::simulator::tenant::Tenant;
use countersign_vip_services::simulator::{NotStarted, Simulator, inventory};
use countersign_vip_services::status::{Outcome, outcome};
use tempfile::TempDir;

/// The seed of RFC 4226 appendix D: 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489.
const INVENTORY: &str = "credential_id,kind,seed_hex,digits,step,counter,organization,expires_at\n\
     UBHE00000001,event,3132333435363738393031323334353637383930,,,0,,\n\
     SYMC00000001,time,3132333435363738393031323334353637383930,6,30,,,\n";
/// RFC 6238 appendix B: the codes around this moment are 081804, 050471, 266759, 306183.
const NOW: i64 = 1_111_111_109;

struct Stage {
    simulator: Simulator,
    certificates: Certificates,
    client: Client,
    serial: AtomicU8,
    _files: TempDir,
}

impl Stage {
    fn open() -> Self {
        let files = tempfile::tempdir().unwrap();
        let certificates = Certificates::in_directory(files.path(), None).unwrap();
        let tokens = inventory::read(INVENTORY.as_bytes()).unwrap();
        let tenant = Arc::new(Tenant::new(tokens, Duration::ZERO, Arc::new(|| NOW)));
        let simulator = Simulator::start(tenant, &certificates, listener(), None).unwrap();
        let client = Client::new(&settings(&simulator, &certificates)).unwrap();
        Self { simulator, certificates, client, serial: AtomicU8::new(0), _files: files }
    }

    async fn ask(&self, operation: Operation) -> Result<Response, Failure> {
        let id = RequestId::new([self.serial.fetch_add(1, Ordering::Relaxed); 16]);
        self.client.call(id, operation).await
    }

    async fn outcome(&self, operation: Operation) -> Outcome {
        let response = self.ask(operation).await.unwrap();
        outcome(response.status, response.detail)
    }

    async fn bind(&self, credential: &str, first: &str, second: &str) -> Outcome {
        let credential =
            NewCredential { id: credential.into(), kind: CredentialType::StandardOtp, friendly_name: None };
        let codes = (code(first), Some(code(second)));
        self.outcome(Operation::AddCredential { user_id: "0a1b".into(), credential, codes }).await
    }

    async fn authenticate(&self, typed: &str) -> Outcome {
        self.outcome(Operation::AuthenticateUser { user_id: "0A1B".into(), code: code(typed) }).await
    }
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn settings(simulator: &Simulator, certificates: &Certificates) -> Settings {
    Settings {
        endpoint: format!("https://{}/vipuserservices/", simulator.address),
        legacy_endpoint: format!("https://localhost:{}", simulator.address.port()),
        certificate: certificates.client.clone(),
        key: certificates.client_key.clone(),
        ca_file: Some(certificates.ca.clone()),
        on_behalf_of: None,
        timeout: Duration::from_secs(5),
    }
}

fn code(text: &str) -> SecurityCode {
    SecurityCode::parse(text).unwrap()
}

fn create() -> Operation {
    Operation::CreateUser { user_id: "0a1b".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_life() {
    let stage = Stage::open();
    assert_eq!(stage.authenticate("755224").await, Outcome::UnknownUser);
    assert_eq!(stage.bind("UBHE00000001", "755224", "287082").await, Outcome::UnknownUser);
    assert_eq!(stage.outcome(create()).await, Outcome::Ok);
    assert_eq!(stage.outcome(create()).await, Outcome::UserExists);
    assert_eq!(stage.authenticate("755224").await, Outcome::NotBound);
    assert_eq!(stage.bind("UBHE99999999", "755224", "287082").await, Outcome::UnknownCredential);
    assert_eq!(stage.bind("UBHE00000001", "755224", "359152").await, Outcome::InvalidCode);
    assert_eq!(stage.bind("UBHE00000001", "755224", "287082").await, Outcome::Ok);
    assert_eq!(stage.bind("UBHE00000001", "359152", "969429").await, Outcome::AlreadyBound);
    assert_eq!(stage.authenticate("287082").await, Outcome::InvalidCode, "it was used");
    let user_id = || "0a1b".to_owned();
    let right =
        stage.ask(Operation::AuthenticateUser { user_id: user_id(), code: code("969429") }).await.unwrap();
    let Answer::Authenticated { credential_id, kind, .. } = right.answer else { panic!("{right:?}") };
    assert_eq!((credential_id.as_deref(), kind), (Some("UBHE00000001"), Some(CredentialType::StandardOtp)));
    assert_eq!(stage.authenticate("359152").await, Outcome::InvalidCode, "forward only");
    let credential = NewCredential {
        id: "UBHE00000001".into(),
        kind: CredentialType::StandardOtp,
        friendly_name: Some("mine & yours".into()),
    };
    assert_eq!(
        stage.outcome(Operation::UpdateCredential { user_id: user_id(), credential }).await,
        Outcome::Ok
    );
    let user = stage.ask(Operation::GetUserInfo { user_id: user_id() }).await.unwrap();
    let Answer::User { status, bindings, .. } = user.answer else { panic!("{user:?}") };
    assert_eq!((status, bindings.len(), bindings[0].enabled), (Some(UserStatus::Active), 1, true));
    assert_eq!(bindings[0].friendly_name.as_deref(), Some("mine & yours"));
    let gone = || Operation::RemoveCredential {
        user_id: user_id(),
        credential_id: "UBHE00000001".into(),
        kind: CredentialType::StandardOtp,
    };
    assert_eq!(stage.outcome(gone()).await, Outcome::Ok);
    assert_eq!(stage.outcome(gone()).await, Outcome::NotBound);
    let time = stage.ask(Operation::GetServerTime).await.unwrap();
    assert_eq!(time.answer, Answer::Time("2005-03-18T01:58:29+00:00".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_out_of_step_is_brought_back_by_two_codes() {
    let stage = Stage::open();
    stage.outcome(create()).await;
    assert_eq!(stage.bind("SYMC00000001", "081804", "050471").await, Outcome::Ok);
    let far = totp_lite::totp_custom::<totp_lite::Sha1>(1, 6, b"12345678901234567890", 37_037_036 + 30);
    let next = totp_lite::totp_custom::<totp_lite::Sha1>(1, 6, b"12345678901234567890", 37_037_036 + 31);
    assert_eq!(stage.authenticate(&far).await, Outcome::NeedsSecondCode);
    let synchronize = |first: &str, second: &str| Operation::Synchronize {
        credential_id: "SYMC00000001".into(),
        codes: (code(first), code(second)),
    };
    assert_eq!(stage.outcome(synchronize(&next, &far)).await, Outcome::InvalidCode);
    assert_eq!(stage.outcome(synchronize(&far, &next)).await, Outcome::Ok);
    assert_eq!(stage.outcome(synchronize(&far, &next)).await, Outcome::InvalidCode, "both were used");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_codes_lock_a_credential_and_an_administrator_unlocks_it() {
    let stage = Stage::open();
    stage.outcome(create()).await;
    stage.bind("UBHE00000001", "755224", "287082").await;
    for _ in 0..10 {
        assert_eq!(stage.authenticate("000000").await, Outcome::InvalidCode);
    }
    assert_eq!(stage.authenticate("359152").await, Outcome::Locked);
    let unlock = Operation::UpdateUser { user_id: "0a1b".into(), status: Some(UserStatus::Active) };
    assert_eq!(stage.outcome(unlock).await, Outcome::Ok);
    assert_eq!(stage.authenticate("359152").await, Outcome::Ok);
    for (state, expected) in
        [("DISABLED", Outcome::Disabled), ("NEW", Outcome::Disabled), ("INACTIVE", Outcome::Disabled)]
    {
        assert!(stage.simulator.tenant().set_credential("UBHE00000001", state));
        assert_eq!(stage.authenticate("969429").await, expected);
    }
    assert!(stage.simulator.tenant().set_user("0A1B", "LOCKED"));
    assert_eq!(stage.authenticate("969429").await, Outcome::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_is_a_failure_and_the_next_one_counts_again() {
    let stage = Stage::open();
    stage.outcome(create()).await;
    stage.bind("UBHE00000001", "755224", "287082").await;
    for fault in Fault::ALL {
        stage.simulator.tenant().order(Rule { fault: Some(fault), times: Some(1), ..Rule::default() });
        let before = stage.simulator.tenant().seen().len();
        let failed = stage.ask(Operation::GetServerTime).await;
        assert!(failed.is_err(), "{fault:?}: {failed:?}");
        assert_eq!(stage.simulator.tenant().seen().len(), before + 1, "{fault:?}: it was asked once");
        assert!(stage.ask(Operation::GetServerTime).await.is_ok(), "{fault:?}");
    }
    stage.simulator.tenant().order(Rule { delay_ms: 700, times: Some(1), ..Rule::default() });
    let hasty =
        Settings { timeout: Duration::from_millis(200), ..settings(&stage.simulator, &stage.certificates) };
    let hasty = Client::new(&hasty).unwrap();
    let failed = hasty.call(RequestId::new([9; 16]), Operation::GetServerTime).await;
    assert_eq!(failed, Err(Failure::Time));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_or_answered_without_the_right_certificate() {
    let stage = Stage::open();
    let elsewhere = tempfile::tempdir().unwrap();
    let strange = Certificates::in_directory(elsewhere.path(), None).unwrap();
    let ours = settings(&stage.simulator, &stage.certificates);
    let stranger =
        Settings { certificate: strange.client.clone(), key: strange.client_key.clone(), ..ours.clone() };
    let misled = Settings { ca_file: Some(strange.ca.clone()), ..ours.clone() };
    let public = Settings { ca_file: None, ..ours.clone() };
    // A server's certificate is no client's.
    let server = Settings {
        certificate: stage.certificates.server.clone(),
        key: stage.certificates.server_key.clone(),
        ..ours.clone()
    };
    for wrong in [stranger, misled, public, server] {
        let client = Client::new(&wrong).unwrap();
        let failed = client.call(RequestId::new([1; 16]), Operation::GetServerTime).await;
        assert_eq!(failed, Err(Failure::Tls), "{wrong:?}");
    }
    let mixed = Settings { key: strange.client_key, ..ours };
    assert!(Client::new(&mixed).is_err(), "the key of another certificate");
    assert_eq!(stage.simulator.tenant().seen().len(), 0);
    let address = settings(&stage.simulator, &stage.certificates);
    stage.simulator.stop().await;
    let failed = Client::new(&address).unwrap().call(RequestId::new([1; 16]), Operation::GetServerTime).await;
    assert_eq!(failed, Err(Failure::Connection));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_addresses_that_cannot_be_used_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::open();
    let ours = settings(&stage.simulator, &stage.certificates);
    let missing = PathBuf::from("/nowhere/cert.pem");
    for (wrong, named) in [
        (Settings { certificate: missing.clone(), ..ours.clone() }, "/nowhere/cert.pem"),
        (Settings { key: missing.clone(), ..ours.clone() }, "/nowhere/cert.pem"),
        (Settings { key: ours.certificate.clone(), ..ours.clone() }, "no private key"),
        (Settings { ca_file: Some(ours.key.clone()), ..ours.clone() }, "client.key"),
        (Settings { endpoint: "http://vip.example".into(), ..ours.clone() }, "https"),
        (Settings { legacy_endpoint: String::new(), ..ours.clone() }, "https"),
    ] {
        let refused = Client::new(&wrong).unwrap_err().to_string();
        assert!(refused.contains(named) && !refused.contains('\n'), "{refused}");
    }
    for key in [&stage.certificates.client_key, &stage.certificates.server_key] {
        assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_file(&stage.certificates.client).unwrap();
    let directory = stage.certificates.client.parent().unwrap();
    assert!(Certificates::in_directory(directory, None).is_err(), "some are missing");
    let tenant = stage.simulator.tenant().clone();
    let exposed = TcpListener::bind("0.0.0.0:0").unwrap();
    let again = Simulator::start(tenant, &stage.certificates, listener(), Some(exposed));
    assert!(matches!(again.err(), Some(NotStarted::Exposed)));
}
