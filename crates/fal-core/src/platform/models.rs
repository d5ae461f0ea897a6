//! Which models fal has.

use futures::stream::BoxStream;

use super::page::List;
use super::{Model, ModelStatus, Platform, Query};
use crate::{EndpointId, Error};

/// Which models are asked for. Default: all, without their OpenAPI documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelQuery(Query);

impl ModelQuery {
    /// All models.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this model, and those named before; 50 at most.
    pub fn with_endpoint(self, endpoint: &EndpointId) -> Self {
        Self(self.0.add("endpoint_id", endpoint))
    }

    /// Only models with this text in their name, description or category.
    pub fn with_text(self, text: &str) -> Self {
        Self(self.0.set("q", text))
    }

    /// Only models of this category, for example `image-to-video`.
    pub fn with_category(self, category: &str) -> Self {
        Self(self.0.set("category", category))
    }

    /// Only models in use, or only those that fal has given up.
    pub fn with_status(self, status: &ModelStatus) -> Self {
        Self(self.0.set("status", status.name()))
    }

    /// With the OpenAPI document of each.
    pub fn with_openapi(self) -> Self {
        Self(self.0.add("expand", "openapi-3.0"))
    }

    /// With the readiness for enterprise use of each.
    pub fn with_enterprise_status(self) -> Self {
        Self(self.0.add("expand", "enterprise_status"))
    }

    /// So many models to a page. Default: as many as fal likes.
    pub fn with_page_size(self, models: u32) -> Self {
        Self(self.0.set("limit", models))
    }
}

impl Platform {
    /// Models, page after page.
    pub fn models(&self, query: ModelQuery) -> BoxStream<'static, Result<Model, Error>> {
        self.all(List { path: &["models"], name: "models" }, query.0)
    }
}
