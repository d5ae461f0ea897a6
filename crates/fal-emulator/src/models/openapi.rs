//! The OpenAPI document of one endpoint, in the shape of fal's own.

use serde_json::{Value, json};

use crate::models::{CATEGORY, Model};

/// One transparent pixel, as nothing here comes from the network.
pub(crate) const THUMBNAIL: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

impl Model {
    /// What fal serves at `https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=…`.
    ///
    /// As on fal, the paths have the whole endpoint id, though status and result live under `owner/alias` alone.
    pub(crate) fn openapi(&self) -> Value {
        let id = self.endpoint_id;
        let names = ["QueueStatus", &self.input_name(), &self.output_name()];
        json!({
            "openapi": "3.0.4",
            "info": {
                "title": format!("Queue OpenAPI for {id}"),
                "version": "1.0.0",
                "description": format!("The queue of {id}."),
                "x-fal-metadata": {
                    "endpointId": id,
                    "category": CATEGORY,
                    "thumbnailUrl": THUMBNAIL,
                    "playgroundUrl": format!("https://fal.ai/models/{id}"),
                    "documentationUrl": format!("https://fal.ai/models/{id}/api"),
                    "about": self.description(),
                },
            },
            "components": {
                "securitySchemes": { "apiKeyAuth": { "type": "apiKey", "in": "header", "name": "Authorization" } },
                "schemas": self.components.with_references(&names),
            },
            "paths": self.paths(),
            "servers": [{ "url": "https://queue.fal.run" }],
            "security": [{ "apiKeyAuth": [] }],
        })
    }

    fn paths(&self) -> Value {
        let submit = format!("/{}", self.endpoint_id);
        let request = format!("{submit}/requests/{{request_id}}");
        let input = json!({ "required": true, "content": content(&named(&self.input_name())) });
        let cancelled = json!({ "type": "object", "properties": { "success": { "type": "boolean" } } });
        json!({
            format!("{request}/status"): { "get": {
                "parameters": [request_id(), parameter("logs", "query", "number")],
                "responses": ok("The status.", &named("QueueStatus")),
            } },
            format!("{request}/cancel"): { "put": {
                "parameters": [request_id()],
                "responses": ok("The request is cancelled.", &cancelled),
            } },
            submit: { "post": { "requestBody": input, "responses": ok("The status.", &named("QueueStatus")) } },
            request: { "get": {
                "parameters": [request_id()],
                "responses": ok("The result.", &named(&self.output_name())),
            } },
        })
    }
}

fn request_id() -> Value {
    parameter("request_id", "path", "string")
}

fn parameter(name: &str, place: &str, kind: &str) -> Value {
    json!({ "name": name, "in": place, "required": place == "path", "schema": { "type": kind } })
}

fn ok(description: &str, schema: &Value) -> Value {
    json!({ "200": { "description": description, "content": content(schema) } })
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use crate::models::{all, find};

    #[test]
    fn every_reference_in_a_document_leads_to_a_schema_in_it() {
        for model in all() {
            let document = model.openapi();
            let text = document.to_string();
            let names = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
            for name in names {
                assert!(document["components"]["schemas"][name].is_object(), "{name} of {}", model.endpoint_id);
            }
        }
    }

    #[test]
    fn a_document_has_the_schemas_of_its_endpoint_and_no_others() {
        let of = |endpoint_id: &str| {
            let schemas = find(endpoint_id).expect("is in the catalogue").openapi()["components"]["schemas"].clone();
            schemas.as_object().expect("is one").keys().cloned().collect::<Vec<_>>()
        };
        let kling = [
            "File",
            "KlingV3ComboElementInput",
            "KlingV3MultiPromptElement",
            "KlingVideoV3ProImageToVideoInput",
            "KlingVideoV3ProImageToVideoOutput",
            "QueueStatus",
        ];
        assert_eq!(of("fal-ai/kling-video/v3/pro/image-to-video"), kling);
        let sora = ["ImageFile", "QueueStatus", "Sora2ImageToVideoInput", "Sora2ImageToVideoOutput", "VideoFile"];
        assert_eq!(of("fal-ai/sora-2/image-to-video"), sora);
    }
}
