//! The schemas say what is so: the arguments that are read, and the fields that come back.

use rmcp::model::Tool;
use serde_json::{Value, json};

use crate::stage::{Stage, call, request};

#[tokio::test]
async fn the_schema_of_each_tool_names_exactly_the_arguments_that_it_reads() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    for tool in client.list_all_tools().await.unwrap() {
        let name: &'static str = tool.name.to_string().leak();
        let refused = call(&client, name, json!({ "no such field": 1 })).await.structured_content.unwrap();
        let violations = refused["error"]["violations"].as_array().unwrap();
        let unknown = violations.iter().find(|violation| violation["field"] == "no such field").unwrap();
        let mut read: Vec<&str> =
            unknown["allowed"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let mut declared: Vec<&str> =
            tool.input_schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        read.sort_unstable();
        declared.sort_unstable();
        assert_eq!(read, declared, "{name}");
    }
}

#[tokio::test]
async fn every_result_is_as_its_schema_says() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let tools = client.list_all_tools().await.unwrap();
    let schema = |name: &str| output_schema(&tools, name);
    let mut task_id = json!(null);
    for (name, arguments) in [
        ("generate_video_from_image", request("still.png")),
        ("generate_video_from_image", json!({ "duration": 7 })),
        (
            "generate_video_from_image",
            json!({ "image_url": "still.png", "motion_prompt": "zoom in slowly", "return_queue_id": true }),
        ),
        ("cancel_video", json!({})),
        ("cancel_video", json!({ "task_id": "nobody" })),
        ("get_queue_status", json!({ "task_id": null })),
        ("get_queue_status", json!({ "task_id": "nobody" })),
        ("list_models", json!({})),
        ("list_models", json!({ "x": 1 })),
        ("estimate_cost", json!({})),
        ("estimate_cost", json!({ "model": "x" })),
    ] {
        let result = call(&client, name, arguments).await.structured_content.unwrap();
        assert_conforms(&schema(name), &result, name);
        task_id = result.get("task_id").cloned().unwrap_or(task_id);
    }
    let cancelled = call(&client, "cancel_video", json!({ "task_id": task_id })).await.structured_content.unwrap();
    assert_conforms(&schema("cancel_video"), &cancelled, "cancel_video");
    let status = call(&client, "get_queue_status", json!({ "task_id": task_id })).await.structured_content.unwrap();
    assert_conforms(&schema("get_queue_status"), &status, "get_queue_status");
}

fn output_schema(tools: &[Tool], name: &str) -> Value {
    let tool = tools.iter().find(|tool| tool.name == name).unwrap();
    Value::Object(tool.output_schema.as_deref().cloned().unwrap())
}

/// As much of JSON Schema as ours use.
#[track_caller]
fn assert_conforms(schema: &Value, value: &Value, at: &str) {
    let of_type = match schema["type"].as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("{at}: our schemas have no type {other}"),
    };
    assert!(of_type, "{at}: {value} is no {}", schema["type"]);
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        assert_conforms(&schema["items"], item, at);
    }
    if let Some(object) = value.as_object() {
        for (name, field) in object {
            assert!(schema["properties"][name].is_object(), "{at}: {name} is not in the schema");
            assert_conforms(&schema["properties"][name], field, &format!("{at}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
        }
    }
}
