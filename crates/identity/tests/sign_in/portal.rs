//! A portal in a temporary directory, and what people do at it.

use std::sync::Arc;
use std::time::Duration;

use countersign_identity::administration::{AccountName, Because, Import};
use countersign_identity::factor::{
    Attempt, NewPasswordOutcome, PasswordOutcome, RegistrationOutcome, RegistrationTry, VipOutcome,
};
use countersign_identity::journey::{Demand, Step};
use countersign_identity::language::Language;
use countersign_identity::mail::{self, Mail, Outbox};
use countersign_identity::mail_request::{self, Reason};
use countersign_identity::oath::{Kind, Seed, Token};
use countersign_identity::password::hash::{Cost, Hasher};
use countersign_identity::session::Started;
use countersign_identity::sign_in::{Advance, Current, Found};
use countersign_identity::{Identity, Level, Settings};
use countersign_store::{Clock, Keyring, Secret, Store, secret};

pub const PASSWORD: &str = "amber otter 42 lagoon";
pub const BROWSER: &[u8] = b"browser";
pub const SEED: &[u8] = b"12345678901234567890";

pub struct Portal {
    pub identity: Identity,
    pub outbox: Outbox,
    pub clock: Clock,
}

impl Portal {
    pub async fn open() -> Self {
        Self::open_with(Settings::default()).await
    }

    pub async fn open_with(settings: Settings) -> Self {
        let path = std::env::temp_dir().join(format!("countersign-identity-{}.db", secret::id()));
        let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Clock::manual(1_795_475_100);
        let hasher = Hasher::start(1, 64, Cost { memory: 64, passes: 1, lanes: 1 }).unwrap();
        let identity = Identity::new(store, Keyring::generate().0, clock.clone(), hasher, settings);
        let outbox = Outbox::default();
        tokio::spawn(mail::run(identity.clone(), Arc::new(outbox.clone())));
        tokio::spawn(mail_request::run(identity.clone()));
        identity.add_organization("acme", "Acme").await.unwrap();
        identity.add_organization("globex", "Globex").await.unwrap();
        Self { identity, outbox, clock }
    }

    pub async fn add(&self, email: &str, accounts: &[&str]) {
        let names: Vec<AccountName> = accounts.iter().map(|name| AccountName::parse(name).unwrap()).collect();
        self.identity.add_person(email, &names, None).await.unwrap();
    }

    /// Imports a credential of the RFC's seed and assigns it.
    pub async fn assign(&self, id: &str, kind: &str, email: &str) {
        let file = format!("credential_id,kind,seed_hex\n{id},{kind},{}\n", hex::encode(SEED));
        let report =
            self.identity.import_credentials(file.as_bytes(), &Import::default(), |_| {}).await.unwrap();
        assert_eq!((report.imported, report.errors.len()), (1, 0));
        self.identity.assign_credential(id, email, &Because::default()).await.unwrap();
    }

    pub async fn password(&self, email: &str, password: &str, browser: &[u8]) -> PasswordOutcome {
        let attempt = Attempt {
            email,
            password: password.to_owned().into(),
            browser,
            known: None,
            network: "192.0.2.7".parse().unwrap(),
            before: None,
        };
        self.identity.password(attempt, &self.demand()).await.unwrap()
    }

    pub fn demand(&self) -> Demand {
        Demand { service: Some("mss".into()), ..Demand::none(self.identity.now()) }
    }

    pub async fn current(&self, secret: &Secret) -> Current {
        match self.identity.sign_in(Some(&secret.text()), BROWSER, &self.demand()).await.unwrap() {
            Found::Current(current) => *current,
            other => panic!("no sign-in under way: {other:?}"),
        }
    }

    /// Asks for a mail and waits for it.
    pub async fn temporary(&self, email: &str, reason: Reason) -> String {
        let before = self.outbox.mails().len();
        self.identity.request_mail(email, reason, Language::English, "192.0.2.7".parse().unwrap()).unwrap();
        self.mailed(before).await
    }

    /// The temporary password in a mail that came after the first `before`.
    pub async fn mailed(&self, before: usize) -> String {
        self.wait(before, |mail| mail.temporary_password.clone()).await
    }

    pub async fn wait(&self, before: usize, wanted: impl Fn(&Mail) -> Option<String>) -> String {
        for _ in 0..100 {
            if let Some(found) = self.outbox.mails().iter().skip(before).find_map(&wanted) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no such mail came");
    }

    pub async fn enrolled(&self, email: &str) {
        self.identity.set_sample_password(email, PASSWORD).await.unwrap();
    }

    pub fn code(&self, ahead: i64) -> String {
        let token = Token::new(Kind::Time, 6, 30, Seed::new(SEED.to_vec()).unwrap()).unwrap();
        token.code(token.position(self.identity.now()) + ahead).to_string()
    }

    pub async fn new_password(&self, secret: &Secret, password: &str) -> NewPasswordOutcome {
        let current = self.current(secret).await;
        let twice = (password.to_owned().into(), password.to_owned().into());
        self.identity.new_password(&current, twice, None, &self.demand()).await.unwrap()
    }

    pub async fn register(&self, secret: &Secret, id: &str, codes: [&str; 2]) -> RegistrationOutcome {
        let current = self.current(secret).await;
        let offered =
            RegistrationTry { credential_id: id, code1: codes[0], code2: codes[1], token_name: "Desk" };
        self.identity.register(&current, offered, None, &self.demand()).await.unwrap()
    }

    pub async fn vip(&self, secret: &Secret, code: &str, next: Option<&str>) -> VipOutcome {
        let current = self.current(secret).await;
        self.identity.vip(&current, (code, next), None, &self.demand()).await.unwrap()
    }

    pub async fn level(&self, started: &Started) -> Level {
        self.identity.session(Some(&started.secret.text())).await.unwrap().unwrap().level()
    }

    /// A person with a registered credential, and the sign-in at its VIP page.
    pub async fn at_vip(&self, email: &str) -> Secret {
        match self.password(email, PASSWORD, BROWSER).await {
            PasswordOutcome::Begun { secret, step: Step::Vip { .. } } => secret,
            other => panic!("not at the VIP page: {other:?}"),
        }
    }

    pub async fn registered(&self, email: &str, id: &str) {
        self.add(email, &["mss:acme"]).await;
        self.assign(id, "time", email).await;
        let temporary = self.temporary(email, Reason::NewUser).await;
        let secret = begun(self.password(email, &temporary, BROWSER).await);
        self.new_password(&secret, PASSWORD).await;
        let (one, two) = (self.code(0), self.code(1));
        assert!(matches!(
            self.register(&secret, id, [&one, &two]).await,
            RegistrationOutcome::Advanced(Advance::Finished(_))
        ));
        self.clock.advance(300);
    }
}

pub fn begun(outcome: PasswordOutcome) -> Secret {
    match outcome {
        PasswordOutcome::Begun { secret, .. } => secret,
        other => panic!("the sign-in did not begin: {other:?}"),
    }
}
