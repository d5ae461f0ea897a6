//! The protocol: both ways to begin, the list of tools, and what is no tool.

use rmcp::ClientLifecycleMode;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};

use crate::stage::{Stage, generate};

#[tokio::test]
async fn the_tools_are_these_with_what_they_need_and_how_they_behave() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let tools = client.list_all_tools().await.unwrap();
    let told: Vec<_> = tools
        .iter()
        .map(|tool| {
            let annotations = tool.annotations.as_ref().unwrap();
            (tool.name.as_ref(), tool.input_schema["required"].to_string(), annotations.read_only_hint)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("generate_video_from_image", r#"["image_url","motion_prompt"]"#.to_owned(), Some(false)),
            ("get_queue_status", r#"["task_id"]"#.to_owned(), Some(true)),
            ("cancel_video", r#"["task_id"]"#.to_owned(), Some(false)),
            ("list_models", "[]".to_owned(), Some(true)),
            ("estimate_cost", "[]".to_owned(), Some(true)),
        ]
    );
    for tool in &tools {
        assert!(tool.title.is_some() && tool.description.is_some() && tool.output_schema.is_some(), "{}", tool.name);
        assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
    }
    let paying = tools[0].annotations.as_ref().unwrap();
    assert_eq!((paying.idempotent_hint, paying.destructive_hint), (Some(false), Some(false)));
    assert_eq!(paying.open_world_hint, Some(true));
}

#[tokio::test]
async fn a_session_of_either_era_makes_a_video() {
    let stage = Stage::set().await;
    let stateless = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let mut requests = Vec::new();
    for lifecycle in [ClientLifecycleMode::Initialize, stateless] {
        let (client, serving) = stage.client_that_begins_with(lifecycle).await;
        let server = client.peer_info().unwrap();
        assert_eq!(server.server_info.as_ref().unwrap().name, "videogen");
        assert!(server.instructions.as_ref().unwrap().contains("get_queue_status"));
        let task = generate(&client, "still.png").await;
        assert_eq!(task["status"], "completed");
        requests.push(task["reused_request_id"].as_str().or(task["request_id"].as_str()).unwrap().to_owned());
        client.cancel().await.unwrap();
        serving.await.unwrap().unwrap();
    }
    assert_eq!(requests[0], requests[1], "the second session is given what the first has paid for");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn what_is_no_tool_is_an_error_of_the_protocol() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let error = client.call_tool(CallToolRequestParams::new("cancel_task")).await.unwrap_err();
    assert!(error.to_string().contains("there is no tool cancel_task"), "{error}");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_no_error() {
    let stage = Stage::set().await;
    stage.server.serve(tokio::io::empty(), tokio::io::sink()).await.unwrap();
}
