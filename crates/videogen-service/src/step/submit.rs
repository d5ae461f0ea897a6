//! Sends the request, once.

use fal_core::{RequestHandle, RequestOptions};
use fal_upload::ContentHash;
use serde_json::Value;
use videogen_domain::{Attempt, Failure, FailureKind, Generation, GenerationEvent, RemoteRequest};

use crate::{GenerationService, failure};

impl GenerationService {
    /// Sets aside what it will cost, and says what is about to be sent. Recorded before it is.
    pub(crate) async fn intend(&self, generation: &Generation) -> Result<GenerationEvent, Failure> {
        let body_hash = ContentHash::of(input(generation)?.to_string().as_bytes()).to_string();
        self.reserve(generation).await?;
        let attempt_id = uuid::Uuid::now_v7().to_string();
        let booking_id = generation.booking_id.clone();
        Ok(GenerationEvent::SubmitIntended(Attempt { attempt_id, body_hash, booking_id }))
    }

    /// Sends the request. When its answer is lost it is not sent again: that is for `run` to hold and for a person or
    /// a policy to resolve.
    pub(crate) async fn submit(&self, generation: &Generation) -> Result<GenerationEvent, Failure> {
        let endpoint = generation.endpoint_id.parse().map_err(|error| failure::from_fal(&error))?;
        match self.fal.submit(&endpoint, &input(generation)?, &RequestOptions::default()).await {
            Ok(handle) => Ok(GenerationEvent::Submitted(remote(handle))),
            Err(error) => {
                let failure = failure::from_fal(&error);
                match failure.kind {
                    FailureKind::Unconfirmed => {
                        Ok(GenerationEvent::SubmitUnconfirmed { request_id: failure.request_id })
                    }
                    // Proof that nothing was accepted, and nothing tries again: the end.
                    _ => Ok(GenerationEvent::Failed(failure)),
                }
            }
        }
    }
}

/// What is sent.
pub(crate) fn input(generation: &Generation) -> Result<Value, Failure> {
    let plan = generation.plan.as_ref().ok_or_else(failure::no_plan)?;
    let image = generation.image.as_ref().ok_or_else(failure::no_plan)?;
    Ok(plan.input(&image.url, generation.end_image.as_ref().map(|end| end.url.as_str())))
}

pub(crate) fn remote(handle: RequestHandle) -> RemoteRequest {
    let RequestHandle { request_id, status_url, response_url, cancel_url, .. } = handle;
    RemoteRequest { request_id, status_url, response_url, cancel_url }
}

pub(crate) fn handle(generation: &Generation) -> Result<RequestHandle, Failure> {
    let remote = generation.remote.clone().ok_or_else(failure::no_plan)?;
    Ok(RequestHandle {
        endpoint_id: generation.endpoint_id.clone(),
        request_id: remote.request_id,
        status_url: remote.status_url,
        response_url: remote.response_url,
        cancel_url: remote.cancel_url,
    })
}
