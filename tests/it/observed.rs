//! What an OpenTelemetry collector is told.

use std::sync::LazyLock;

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use tracing_subscriber::layer::SubscriberExt;
use videogen::{Environment, FailureKind, Observability, TaskStatus, Videogen};

use crate::collector::{Collector, Received, attribute};
use crate::stage::{Stage, settled, until};

/// A subscriber beside that of a test. With one alone, a place that another test comes to first, on a thread without a
/// subscriber, would stay silent for all.
static BESIDE: LazyLock<tracing::Dispatch> = LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));

/// What one process has: its own exporters, its own parts; only the file of tasks outlives it.
struct Process {
    observability: Observability,
    videogen: Videogen,
    _here: tracing::subscriber::DefaultGuard,
}

impl Process {
    async fn start(stage: &Stage, collector: &Collector) -> Self {
        LazyLock::force(&BESIDE);
        let mut variables = stage.variables();
        variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.clone()));
        let environment: Environment = variables.into_iter().collect();
        let observability = Observability::new("videogen-test", &environment).expect("the address is one");
        let subscriber = tracing_subscriber::registry().with(observability.layer());
        let here = tracing::subscriber::set_default(subscriber);
        let videogen = Videogen::builder()
            .environment(environment)
            .output_folder(stage.folder.path())
            .observability(observability.clone())
            .build()
            .await
            .expect("the parts fit");
        Self { observability, videogen, _here: here }
    }

    async fn end(self, collector: &Collector) -> Received {
        self.videogen.close().await;
        drop(self.videogen);
        let flushed = tokio::task::spawn_blocking(move || self.observability.shutdown());
        flushed.await.expect("it ends");
        collector.take()
    }
}

/// The steps, as spans, in the order in which they began.
fn steps(received: &Received) -> Vec<&str> {
    let mut steps: Vec<_> =
        received.spans.iter().filter(|span| attribute(&span.attributes, "step").is_some()).collect();
    steps.sort_by_key(|span| span.start_time_unix_nano);
    steps.iter().map(|span| span.name.as_str()).collect()
}

#[tokio::test]
async fn a_collector_is_told_of_every_step_by_name_and_of_what_it_cost() {
    let (stage, collector) = (Stage::set().await, Collector::start().await);
    stage
        .emulator
        .faults()
        .add(FaultRule::new(Fault::GatewayJson503 { after_accept: false }).on(Operation::Result).times(1));
    let process = Process::start(&stage, &collector).await;
    let id = process.videogen.queue().submit(&stage.request(320, 180)).await.unwrap();
    let task = settled(&process.videogen, &id).await;
    assert_eq!((task.status, task.failure), (TaskStatus::Completed, None));
    let told = process.end(&collector).await;

    assert_eq!(steps(&told), ["upload", "intend", "submit", "watch", "result", "download", "settle"]);
    let generation = told.spans.iter().find(|span| span.name == "generation").unwrap();
    let of_generation = |name| attribute(&generation.attributes, name);
    assert_eq!(of_generation("videogen.task.id").as_deref(), Some(id.as_str()));
    assert_eq!(of_generation("gen_ai.response.id"), task.request_id);
    assert_eq!(of_generation("videogen.video.seconds").as_deref(), Some("5"));
    assert_eq!(
        of_generation("gen_ai.request.model").as_deref(),
        Some("fal-ai/kling-video/v2.1/standard/image-to-video")
    );
    let submit = told.spans.iter().find(|span| span.name == "submit").unwrap();
    assert_eq!(submit.parent_span_id, generation.span_id);
    assert!(attribute(&submit.attributes, "videogen.attempt.id").is_some());
    assert_eq!(attribute(&submit.attributes, "gen_ai.response.id"), task.request_id);

    assert_eq!(told.sum("video_generation_total", Some(("status", "success"))), 1.0);
    assert_eq!(told.sum("video_generation_duration_seconds", None), 1.0);
    assert_eq!(told.sum("video_generation_step_duration_seconds", Some(("step", "watch"))), 1.0);
    assert_eq!(told.sum("video_generation_cost_estimated_usd_total", None), 0.28);
    assert_eq!(told.sum("video_generation_cost_billed_usd_total", None), 0.28);
    assert_eq!(told.sum("video_generation_uploads_total", Some(("cache", "miss"))), 1.0);
    assert_eq!(told.sum("video_generation_queue_depth", None), 0.0);
    assert_eq!(told.sum("video_generation_queue_wait_seconds", None), 1.0);
    assert_eq!(told.sum("video_generation_retries_total", None), 1.0);

    assert!(told.logs.iter().any(|log| log.trace_id == generation.trace_id), "logs belong to their trace");
    let raw = String::from_utf8_lossy(&told.raw);
    for secret in ["lighthouse", "id:secret", stage.emulator.urls().cdn.as_str()] {
        assert!(!raw.contains(secret), "{secret} was told");
    }
}

#[tokio::test]
async fn one_trace_goes_from_submit_to_file_through_two_processes() {
    let (stage, collector) = (Stage::set().await, Collector::start().await);
    let first = Process::start(&stage, &collector).await;
    let id = first.videogen.queue().submit(&stage.request(320, 180).with_duration_seconds(10)).await.unwrap();
    until(&first.videogen, &id, |task| task.request_id.is_some()).await;
    let before = first.end(&collector).await;
    assert_eq!(steps(&before), ["upload", "intend", "submit", "watch"]);
    assert_eq!(before.sum("video_generation_total", Some(("status", "held"))), 1.0);

    let second = Process::start(&stage, &collector).await;
    assert_eq!(second.videogen.queue().recover().await.unwrap(), std::slice::from_ref(&id));
    assert_eq!(settled(&second.videogen, &id).await.status, TaskStatus::Completed);
    let after = second.end(&collector).await;
    assert_eq!(steps(&after), ["watch", "result", "download", "settle"]);
    assert_eq!(after.sum("video_generation_total", Some(("status", "success"))), 1.0);

    let mut traces: Vec<_> = before.spans.iter().chain(&after.spans).map(|span| &span.trace_id).collect();
    traces.dedup();
    assert_eq!(traces.len(), 1, "submit and file are in one trace");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn a_circuit_that_opens_is_told() {
    let emulator = Emulator::builder().pace(Pace::Fast).api_key("another:key").start().await.unwrap();
    let stage = Stage { emulator, folder: tempfile::tempdir().unwrap() };
    let collector = Collector::start().await;
    let process = Process::start(&stage, &collector).await;
    let id = process.videogen.queue().submit(&stage.request(320, 180)).await.unwrap();
    let failure = settled(&process.videogen, &id).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let told = process.end(&collector).await;
    assert_eq!(told.sum("video_generation_breaker_state", Some(("circuit", "the key"))), 2.0, "it is open");
    assert_eq!(told.sum("video_generation_total", Some(("status", "error"))), 1.0);
}
