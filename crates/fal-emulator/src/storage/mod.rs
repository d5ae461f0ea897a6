//! Storage: what fal keeps at `rest.fal.ai`, `v3.fal.media` and under `/v1/storage` of `api.fal.ai`.

mod acl;
mod address;
mod file_record;
mod files;
mod incoming;
mod lifecycle;
mod refusal;
mod stored_file;
mod sweep;

mod initiate;
mod multipart;
mod part;
mod ticket;
mod token;
mod upload;

mod condition;
mod download;
mod range;
mod signature;

mod access;
mod settings;

use axum::Router;
use axum::routing::{get, post, put};

use crate::shared::SharedState;

pub(crate) use address::FileAddress;
pub(crate) use download::download;
pub(crate) use files::Files;
pub(crate) use lifecycle::Lifecycle;
pub(crate) use multipart::Multiparts;
pub use stored_file::StoredFile;
pub(crate) use sweep::keep_sweeping;
pub(crate) use ticket::Tickets;
pub(crate) use token::Tokens;

/// The paths of storage, on all three hosts.
pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/rest/storage/auth/token", post(token::token))
        .route("/rest/storage/upload/initiate", post(initiate::initiate))
        .route("/rest/storage/upload/initiate-multipart", post(initiate::initiate_multipart))
        .route("/cdn/files/upload", post(upload::upload))
        .route("/cdn/files/upload/multipart", post(part::begin))
        .route("/cdn/files/b/{id}/{name}", get(download).put(upload::put))
        .route("/cdn/files/b/{id}/{name}/multipart/{upload_id}/{number}", put(part::put))
        .route("/cdn/files/b/{id}/{name}/multipart/{upload_id}/complete", post(part::complete))
        .route("/platform/v1/storage/settings", get(settings::show).put(settings::replace))
        .route("/platform/v1/storage/files/acl", get(access::acl).put(access::set_acl))
        .route("/platform/v1/storage/files/sign", post(access::sign))
}
