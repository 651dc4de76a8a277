//! Throttles on guessing: per address in the database, in a fixed number of hashed buckets shared by the
//! nodes; per network in memory, in a fixed number too. Strangers can fill them, never make them grow.
//!
//! A browser that has signed in for an address before has a bucket of its own, so nobody else's guesses can
//! keep it out.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use countersign_store::Keyring;
use countersign_store::throttle::{self, Rate};

use crate::Identity;

/// Buckets of each kind in the database.
const BUCKETS: u64 = 1 << 16;
/// Buckets in memory, eight bytes each.
const NETWORKS: usize = 1 << 14;

/// What a bucket counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Passwords tried for an address by a browser not known to it.
    Address,
    /// Passwords tried for an address by a browser known to it.
    KnownBrowser,
    /// Mails asked for to an address.
    Mail,
    /// What strangers of one network ask to have written.
    Stranger,
    /// Registrations that a person who has a token tries.
    Registration,
}

impl Identity {
    /// Counts something that a stranger of this network asks to have written. False when it is too much.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn count_stranger(&self, from: IpAddr, rate: Rate) -> crate::Result<bool> {
        let bucket = bucket(self.keyring(), Kind::Stranger, &format!("{:?}", network(from)));
        let now = self.clock().now_millis();
        let counted = self
            .store()
            .statement(move |db| Box::pin(async move { throttle::count(&db, bucket, rate, now).await }));
        let counted = counted.await?;
        if !counted {
            self.tally().throttled.add();
        }
        Ok(counted)
    }
}

/// The bucket of `what` among those of its kind. Keyed, so that nobody can choose to share another's.
pub(crate) fn bucket(keyring: &Keyring, kind: Kind, what: &str) -> i64 {
    let mac = keyring.mac("throttle", what.as_bytes());
    let number = u64::from_be_bytes([mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6], mac[7]]);
    i64::try_from(number % BUCKETS + BUCKETS * kind as u64).unwrap_or_default()
}

/// Attempts per network (a /24 of IPv4, a /56 of IPv6), by the same cell-rate rule as in the database.
pub(crate) struct Networks {
    rate: Rate,
    until_millis: Mutex<Vec<i64>>,
}

impl Networks {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, until_millis: Mutex::new(vec![0; NETWORKS]) }
    }

    /// Counts an attempt. `Err` holds the seconds until another may be made.
    pub(crate) fn count(&self, keyring: &Keyring, address: IpAddr, now_millis: i64) -> Result<(), u32> {
        let mac = keyring.mac("network", &network(address));
        let at = usize::from(u16::from_be_bytes([mac[0], mac[1]])) % NETWORKS;
        let mut cells = self.until_millis.lock().unwrap_or_else(PoisonError::into_inner);
        // Further ahead than a full cell it can only be because the clock was set back: nobody waits for the old time.
        let full = now_millis + self.rate.interval_millis * self.rate.burst;
        let until = if cells[at] > full { now_millis } else { cells[at].max(now_millis) };
        let ahead = until - now_millis - self.rate.interval_millis * (self.rate.burst - 1);
        if ahead > 0 {
            return Err(u32::try_from(ahead / 1000 + 1).unwrap_or(u32::MAX));
        }
        cells[at] = until + self.rate.interval_millis;
        Ok(())
    }
}

fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets()[..3].to_vec(),
        IpAddr::V6(v6) => v6.octets()[..7].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_gets_its_burst_and_its_neighbour_is_not_touched() {
        let (keyring, _) = Keyring::generate();
        let networks = Networks::new(Rate { interval_millis: 1_000, burst: 2 });
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let same: IpAddr = "::ffff:192.0.2.200".parse().unwrap();
        assert!(networks.count(&keyring, here, 5_000).is_ok());
        assert!(networks.count(&keyring, same, 5_000).is_ok());
        assert_eq!(networks.count(&keyring, here, 5_000), Err(2));
        assert!(networks.count(&keyring, here, 6_001).is_ok());
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_waiting_for_the_old_time() {
        let (keyring, _) = Keyring::generate();
        let networks = Networks::new(Rate { interval_millis: 1_000, burst: 2 });
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        assert!(networks.count(&keyring, here, 3_600_000).is_ok());
        assert!(networks.count(&keyring, here, 5_000).is_ok());
        assert!(networks.count(&keyring, here, 5_000).is_ok());
        assert_eq!(networks.count(&keyring, here, 5_000), Err(2));
    }

    #[test]
    fn buckets_of_two_kinds_never_meet() {
        let (keyring, _) = Keyring::generate();
        for what in ["a@b.example", "c@d.example"] {
            assert!(bucket(&keyring, Kind::Address, what) < 65_536);
            let known = bucket(&keyring, Kind::KnownBrowser, what);
            assert!((65_536..131_072).contains(&known));
        }
    }
}
