//! The front door: one port that speaks HTTP/1.1 and HTTP/2, in the clear and over TLS, by its own address or by fal's names.

mod connection;
mod cut;
mod listener;
mod origin;

mod authority;
mod tls;
mod tunnel;

pub(crate) use authority::{Authority, CaCertificate};
pub(crate) use connection::Service;
pub(crate) use cut::Cut;
pub(crate) use listener::{Serving, listen};
pub(crate) use origin::Origin;
pub(crate) use tls::acceptor;
