//! Models, requests and prices, as a caller sees them.

mod ask;
mod catalogue;
mod changes;
mod compare;
mod endpoints;
mod openapi;
mod pictures;
mod pricing;
mod projects;
mod properties;
mod schema;
mod stored;
