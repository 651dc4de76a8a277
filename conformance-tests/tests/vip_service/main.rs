//! Who judges a code makes no difference to the person: the same sign-ins, registrations and re-synchronizations by
//! the inventory and by the VIP service, which is simulated here behind mutual TLS. And whatever the service says or
//! fails to say, nobody is at level `vip` without a clear yes for a token of theirs.

mod codes;
mod desk;
mod faults;
mod leaving;
mod races;
mod same;
