//! My Tokens over HTTP, on both databases: who may see and change what, after which proof, how often, and what a change
//! ends.

mod changes;
mod desk;
mod endings;
mod guards;
mod packet;
mod walked;
