//! `CONNECT`: a tunnel to one of fal's hosts, at whose far end the emulator itself speaks TLS.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, on};

use crate::{body, fal_hosts};

/// Why a proxied request goes nowhere.
const NO_NETWORK: &str = "The emulator reaches fal's hosts alone and never the network; put other hosts into NO_PROXY";
const NO_TLS: &str = "This emulator was started without its proxy";

/// The tunnel that a connection may become.
#[derive(Clone)]
pub(super) struct Tunnel {
    is_allowed: bool,
    opened: Arc<Mutex<Option<OnUpgrade>>>,
}

impl Tunnel {
    pub(super) fn allowed(is_allowed: bool) -> Self {
        Self { is_allowed, opened: Arc::default() }
    }

    /// Answers a `CONNECT`: 200 for one of fal's names on port 443, else 403.
    pub(super) fn open(&self, request: Request<Incoming>) -> Response {
        if !self.is_allowed {
            return body::detail(StatusCode::FORBIDDEN, NO_TLS);
        }
        // On HTTP/2 it would be one stream among others; proxies are spoken to in HTTP/1.1.
        let is_fal = request
            .uri()
            .authority()
            .is_some_and(|to| to.port_u16() == Some(443) && fal_hosts::class_of(to.as_str()).is_some());
        if !is_fal || request.version() >= Version::HTTP_2 {
            return no_network();
        }
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(on(request));
        StatusCode::OK.into_response()
    }

    /// The tunnel, once the connection has let go of it.
    pub(super) fn opened(&self) -> Option<OnUpgrade> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The answer to a proxied request for a host that is not fal's.
pub(super) fn no_network() -> Response {
    body::detail(StatusCode::FORBIDDEN, NO_NETWORK)
}
