//! What happens around people: cookies go, administrators change things, time passes, mails come.

use std::time::Duration;

use countersign_identity::administration::{AccountName, Because, Change};

use crate::model::{Link, Temporary};
use crate::world::World;

const LINKS: [Link; 4] = [("mss", "acme"), ("mss", "globex"), ("deepsight", "acme"), ("deepsight", "globex")];
const MAIL: Duration = Duration::from_millis(700);

impl World {
    /// Cookies go, or come back as they were.
    pub fn lose_cookies(&mut self, browser: usize) {
        let choice = self.dice.below(10);
        let ending = self.dice.pick(&["-browser", "-sign-in", "-session"]);
        let seat = &mut self.browsers[browser];
        let jar = seat.person.jar.clone();
        match choice {
            0..=2 => seat.person.jar.retain(|cookie| !cookie.name.ends_with(ending)),
            3 => seat.person.close_browser(),
            4..=5 if !seat.old.is_empty() => {
                let at = self.dice.below(self.browsers[browser].old.len());
                let seat = &mut self.browsers[browser];
                seat.person.jar = seat.old[at].clone();
            }
            _ => {
                // Somebody else sits down.
                let owner = self.dice.below(self.model.people.len());
                self.browsers[browser].owner = owner;
            }
        }
        let old = &mut self.browsers[browser].old;
        old.push(jar);
        if old.len() > 6 {
            old.remove(0);
        }
        self.note(format!("browser {browser}: cookies or owner changed ({choice}, {ending})"));
    }

    /// An administrator links or unlinks an account.
    pub async fn relink(&mut self) {
        let person = self.dice.below(self.model.people.len());
        let link = self.dice.pick(&LINKS);
        let name = AccountName { service: link.0.to_owned(), organization: link.1.to_owned() };
        let email = self.model.people[person].email.clone();
        let identity = self.app.identity();
        let linked = !self.model.people[person].links.remove(&link);
        if linked {
            identity.link(&email, &name).await.expect("linked");
            self.model.people[person].links.insert(link);
        } else {
            identity.unlink(&email, &name).await.expect("unlinked");
        }
        self.count(if linked { "link added" } else { "link removed" });
        self.note(format!("{email}: {link:?} {}", if linked { "linked" } else { "unlinked" }));
    }

    /// The SOC unlocks what has been locked.
    pub async fn unlock(&mut self) {
        for person in 0..self.model.people.len() {
            let id = self.model.people[person].token.credential_id.clone();
            if self.app.identity().change_credential(&id, Change::Unlock, &Because::default()).await.is_ok() {
                self.count("credential unlocked");
            }
        }
    }

    pub fn pass_time(&mut self) {
        let seconds = match self.dice.below(40) {
            0 => 13 * 60 * 60,
            1 => 65 * 60,
            2 => 31 * 60,
            3..=4 => 16 * 60,
            5..=10 => 120,
            _ => 7,
        };
        self.clock.advance(seconds);
        self.note(format!("{seconds} s pass"));
    }

    /// Somebody looks into all mailboxes.
    pub async fn read_mails(&mut self) {
        if let Some(asked) = self.mail_asked.take() {
            tokio::time::sleep(MAIL.saturating_sub(asked.elapsed())).await;
        }
        let (mails, now) = (self.cast.house.mails(), self.now());
        let mut new = 0;
        for who in &mut self.model.people {
            for mail in mails.to(&who.email).await {
                let Some(text) = mail.temporary_password else { continue };
                if !who.was_sent(&text) {
                    who.temporaries.push(Temporary { text, read_at: now, dead: false });
                    new += 1;
                }
            }
            let before = who.temporaries.len().saturating_sub(3);
            who.temporaries[..before].iter_mut().for_each(|sent| sent.dead = true);
        }
        self.note(format!("{new} mails read"));
    }
}
