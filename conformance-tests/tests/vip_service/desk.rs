//! A house whose codes are judged by one or the other.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human, PASSWORD};
use conformance_tests::house::{House, ISSUER};
use conformance_tests::page::Page;
use conformance_tests::person::{Landing, Person};
use conformance_tests::place::Scratch;
use conformance_tests::relying_party::Attempt;
use conformance_tests::token::Token;
use countersign_store::Clock;
use countersign_vip_services::simulator::certificates::Certificates;
use countersign_vip_services::simulator::tenant::Tenant;
use countersign_vip_services::simulator::{Simulator, inventory};

/// Who judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    Inventory,
    VipService,
}

/// The house, and the service it asks.
pub struct Desk {
    pub cast: Cast,
    pub judge: Judge,
    pub simulator: Option<Simulator>,
    pub certificates: Certificates,
    pub tenant: Arc<Tenant>,
    pub address: std::net::SocketAddr,
    _files: Scratch,
}

impl Desk {
    pub fn open(backend: Backend, judge: Judge) -> Self {
        let files = Scratch::new();
        let certificates = Certificates::in_directory(files.path(), None).unwrap();
        let tenant = Arc::new(Tenant::new(Vec::new(), Duration::ZERO, Arc::new(|| Clock::System.now())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let simulator = Simulator::start(tenant.clone(), &certificates, listener, None).unwrap();
        let address = simulator.address;
        let more = format!(
            "vip_service.endpoint = 'https://{address}/vipuserservices'\n\
             vip_service.legacy_endpoint = 'https://{address}'\nvip_service.certificate = '{}'\n\
             vip_service.key = '{}'\nvip_service.ca_file = '{}'\n",
            certificates.client.display(),
            certificates.client_key.display(),
            certificates.ca.display(),
        );
        let mut house = House::build(backend, ISSUER, &more);
        house.start_server();
        let cast = Cast::new(house);
        if judge == Judge::VipService {
            cast.house.admin(&["org", "update", "acme", "--validator", "vip-service"]);
        }
        Self { cast, judge, simulator: Some(simulator), certificates, tenant, address, _files: files }
    }

    /// The service goes away.
    pub async fn stop(&mut self) {
        self.simulator.take().expect("it is there").stop().await;
    }

    /// The service comes back.
    pub fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).unwrap();
        self.simulator =
            Some(Simulator::start(self.tenant.clone(), &self.certificates, listener, None).unwrap());
    }

    /// An MSS address with a token that waits to be registered.
    pub fn provision(&self, email: &str) -> Human {
        self.cast.house.admin(&["user", "add", email, "--account", "mss:acme"]);
        let token = Some(self.assign(Token::event(), email));
        let (email, password, organization) = (email.to_owned(), PASSWORD.to_owned(), "Acme".to_owned());
        Human { email, password, token, organization }
    }

    /// Puts a token into the inventory (or only its ID, where the service has its seed) and assigns it.
    pub fn assign(&self, token: Token, email: &str) -> Token {
        match self.judge {
            Judge::Inventory => self.cast.import(&token),
            Judge::VipService => {
                self.tenant.stock(inventory::read(token.csv("").as_bytes()).unwrap());
                let id = &token.credential_id;
                self.cast.house.admin(&["vip-service", "add", id, "--organization", "acme"]);
            }
        }
        self.cast.house.admin(&["credential", "assign", &token.credential_id, "--user", email]);
        token
    }

    pub async fn enrolled(&self, email: &str) -> Human {
        let mut human = self.provision(email);
        self.cast.enrol(&mut human).await;
        human
    }

    /// Through the password to the VIP Authentication page.
    pub async fn at_vip(&self, human: &Human, node: usize) -> (Person, Page, Attempt) {
        let mut browser = self.cast.house.person_at(node);
        let attempt = self.cast.mss.begin(&[]);
        let login = browser.visit(&attempt.url).await.at("/login");
        let typed = [("email", human.email.as_str()), ("password", human.password.as_str())];
        let page = browser.submit(&login, &typed).await.at("/login/vip");
        (browser, page, attempt)
    }

    /// Through New User and the new password to the registration page.
    pub async fn at_registration(&self, human: &Human, node: usize) -> (Person, Page) {
        let mut browser = self.cast.house.person_at(node);
        let temporary = self.cast.temporary_password(&mut browser, &human.email).await;
        let login = browser.open("/login").await.at("/login");
        let next = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
        let page = next.at("/login/new-password");
        let typed = [("password", human.password.as_str()), ("confirm", human.password.as_str())];
        let page = browser.submit(&page, &typed).await.at("/login/register-credential");
        (browser, page)
    }

    /// A daily sign-in with the right code reaches the level.
    pub async fn signs_in(&self, human: &mut Human, at: &str) {
        let (away, attempt) = human.sign_in(&mut self.cast.house.person(), &self.cast.mss, &[]).await;
        assert_eq!(self.cast.mss.claims(&away, &attempt).await.level(), "vip", "{at}");
    }

    /// Somebody with DeepSight alone is none the worse.
    pub async fn deepsight_goes_on(&self, human: &mut Human, node: usize) {
        let mut browser = self.cast.house.person_at(node);
        let (away, attempt) = human.sign_in(&mut browser, &self.cast.deepsight, &[]).await;
        assert_eq!(self.cast.deepsight.claims(&away, &attempt).await.level(), "password");
    }
}

/// What a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Signed in.
    In,
    /// The code did not work.
    Wrong,
    /// The next code too.
    OutOfStep,
    /// Ask the SOC.
    Locked,
    /// Try again later.
    Unavailable,
    /// Ask the SOC: it is not you.
    Misconfigured,
}

pub fn said(landing: &Landing) -> Said {
    let Landing::Page(page) = landing else { return Said::In };
    assert!(page.status < 500, "{} «{}»", page.status, page.heading);
    let problem = page.problem.as_deref().unwrap_or_default();
    let asks =
        |name: &str| page.form().is_some_and(|form| form.controls.iter().any(|field| field.name == name));
    if page.heading.contains("Locked") {
        Said::Locked
    } else if problem.contains("could not be checked just now") && problem.contains("Wait for the code") {
        Said::Unavailable
    } else if problem.contains("cannot be checked at present") && problem.contains("SOC") {
        Said::Misconfigured
    } else if page.path() == "/login/vip" && asks("code2") {
        Said::OutOfStep
    } else {
        assert!(!problem.is_empty(), "«{}» says nothing", page.heading);
        Said::Wrong
    }
}
