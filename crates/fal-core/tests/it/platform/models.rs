//! Which models there are, page after page.

use fal_core::platform::{EnterpriseStatus, LicenseType, Model, ModelKind, ModelQuery, ModelStatus};
use fal_core::{Error, ErrorKind};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use wiremock::matchers::{path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{asked, fal, flux, has_key, time};
use crate::fal_at::{client, endpoint};

const MODEL: &str = r#"{"endpoint_id":"fal-ai/flux/dev","metadata":{"display_name":"FLUX.1 [dev]",
    "category":"text-to-image","description":"Fast","status":"active","tags":["fast","pro"],
    "updated_at":"2025-01-15T12:00:00Z","is_favorited":null,"thumbnail_url":"https://fal.media/x.jpg",
    "model_url":"https://fal.run/fal-ai/flux/dev","date":"2024-08-01T00:00:00Z","highlighted":false,"pinned":false,
    "license_type":"commercial","kind":"inference","group":{"key":"flux","label":"FLUX"},"duration_estimate":0.5},
    "openapi":{"openapi":"3.0.4","paths":{}},"enterprise_status":"ready"}"#;

async fn only_model(model: &str) -> Model {
    let (_server, client) = fal("GET", "/v1/models", format!(r#"{{"models":[{model}],"has_more":false}}"#)).await;
    client.platform().models(ModelQuery::new()).try_next().await.unwrap().unwrap()
}

#[tokio::test]
async fn a_model_is_read_with_all_that_is_known_of_it() {
    let model = only_model(MODEL).await;
    assert_eq!(model.endpoint_id, "fal-ai/flux/dev");
    assert_eq!(model.openapi.unwrap().found().unwrap()["openapi"], "3.0.4");
    assert_eq!(model.enterprise_status.unwrap().found(), Some(&EnterpriseStatus::Ready));
    let metadata = model.metadata.unwrap();
    assert_eq!(metadata.display_name.as_deref(), Some("FLUX.1 [dev]"));
    assert_eq!((metadata.status, metadata.kind), (Some(ModelStatus::Active), Some(ModelKind::Inference)));
    assert_eq!((metadata.license_type, metadata.tags.len()), (Some(LicenseType::Commercial), 2));
    assert_eq!(metadata.updated_at, Some(time("2025-01-15T12:00:00Z")));
    assert_eq!(metadata.created_at, Some(time("2024-08-01T00:00:00Z")));
    assert_eq!((metadata.duration_estimate_minutes, metadata.is_favorited), (Some(0.5), None));
    assert_eq!(metadata.group.unwrap().label, "FLUX");
}

#[tokio::test]
async fn what_fal_leaves_out_or_adds_does_no_harm() {
    let bare = only_model(r#"{"endpoint_id":"a/b"}"#).await;
    assert!(bare.metadata.is_none() && bare.openapi.is_none() && bare.enterprise_status.is_none());
    let odd = r#"{"endpoint_id":"a/b","new":1,"metadata":{"status":"retired","tags":null,"updated_at":"lately",
        "kind":"editing","license_type":"public","more":{}},"enterprise_status":"soon",
        "openapi":{"error":{"code":"expansion_failed","message":"No."}}}"#;
    let odd = only_model(odd).await;
    assert_eq!(odd.openapi.unwrap().found(), None);
    assert_eq!(odd.enterprise_status.unwrap().found(), Some(&EnterpriseStatus::Other("soon".to_owned())));
    let metadata = odd.metadata.unwrap();
    assert_eq!(metadata.status, Some(ModelStatus::Other("retired".to_owned())));
    assert_eq!(metadata.kind, Some(ModelKind::Other("editing".to_owned())));
    assert_eq!(metadata.license_type, Some(LicenseType::Other("public".to_owned())));
    assert_eq!((metadata.tags.len(), metadata.updated_at), (0, None));
}

#[tokio::test]
async fn models_are_asked_for_by_all_that_fal_can_filter_by() {
    let (server, client) = fal("GET", "/v1/models", r#"{"models":[]}"#).await;
    let query = ModelQuery::new()
        .with_endpoint(&flux())
        .with_endpoint(&endpoint())
        .with_text("slow zoom & pan")
        .with_category("image-to-video")
        .with_status(&ModelStatus::Deprecated)
        .with_status(&ModelStatus::Active)
        .with_openapi()
        .with_enterprise_status()
        .with_page_size(20);
    assert!(client.platform().models(query).try_next().await.unwrap().is_none());
    let expected = [
        "endpoint_id=fal-ai/flux/dev".to_owned(),
        format!("endpoint_id={}", endpoint()),
        "q=slow zoom & pan".to_owned(),
        "category=image-to-video".to_owned(),
        "status=active".to_owned(),
        "expand=openapi-3.0".to_owned(),
        "expand=enterprise_status".to_owned(),
        "limit=20".to_owned(),
    ];
    assert_eq!(asked(&server).await, expected);
    assert!(has_key(&server.received_requests().await.unwrap()[0]));
}

#[tokio::test]
async fn pages_are_asked_for_as_they_are_needed_until_the_last() {
    let server = MockServer::start().await;
    let page = |names: [&str; 2], next: Option<&str>| {
        let models = names.map(|name| json!({ "endpoint_id": name }));
        ResponseTemplate::new(200)
            .set_body_json(json!({ "models": models, "next_cursor": next, "has_more": next.is_some() }))
    };
    let on = || Mock::given(path("/v1/models")).and(query_param("category", "image-to-video"));
    on().and(query_param_is_missing("cursor")).respond_with(page(["a/1", "a/2"], Some("Mg=="))).mount(&server).await;
    on().and(query_param("cursor", "Mg==")).respond_with(page(["a/3", "a/4"], Some("M+w/"))).mount(&server).await;
    on().and(query_param("cursor", "M+w/")).respond_with(page(["a/5", "a/6"], None)).mount(&server).await;
    let platform = client(&server.uri()).platform();
    let models = || platform.models(ModelQuery::new().with_category("image-to-video"));

    let two: Vec<_> = models().take(2).collect().await;
    assert_eq!((two.len(), server.received_requests().await.unwrap().len()), (2, 1));
    let all: Vec<Model> = models().try_collect().await.unwrap();
    assert_eq!(all.iter().map(|model| &model.endpoint_id[2..]).collect::<String>(), "123456");
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn half_a_list_never_passes_for_the_whole() {
    for body in [
        r#"{"models":[],"has_more":true}"#,
        r#"{"models":[],"has_more":true,"next_cursor":null}"#,
        r#"{"models":[],"has_more":true,"next_cursor":""}"#,
        r#"{"models":[],"has_more":true,"next_cursor":"same"}"#,
        r#"{"models":[],"next_cursor":7}"#,
        r#"{"has_more":false}"#,
        r#"{"models":[{}]}"#,
        "[]",
        "<html>",
        "",
    ] {
        let (server, client) = fal("GET", "/v1/models", body).await;
        let result: Result<Vec<Model>, Error> = client.platform().models(ModelQuery::new()).try_collect().await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::UnexpectedAnswer, "{body}");
        assert!(server.received_requests().await.unwrap().len() <= 2, "{body}");
    }
}

#[tokio::test]
async fn a_list_ends_where_fal_says_so() {
    for body in [r#"{"models":null}"#, r#"{"models":[]}"#, r#"{"models":[],"has_more":false,"next_cursor":"x"}"#] {
        let (server, client) = fal("GET", "/v1/models", body).await;
        let models: Vec<Model> = client.platform().models(ModelQuery::new()).try_collect().await.unwrap();
        assert_eq!((models.len(), server.received_requests().await.unwrap().len()), (0, 1), "{body}");
    }
}
