//! What every store must do.

use std::sync::Arc;

use videogen_domain::{Generation, GenerationEvent, GenerationState, RemoteRequest};
use videogen_queue::{MemoryTaskStore, TaskId, TaskStore};

fn accepted() -> Generation {
    let remote = RemoteRequest {
        request_id: "r".to_owned(),
        status_url: String::new(),
        response_url: String::new(),
        cancel_url: String::new(),
    };
    Generation::adopt("kling_2.1", "fal-ai/kling-video", remote)
}

async fn conforms(store: Arc<dyn TaskStore>) {
    let (one, other) = (TaskId::from("1".to_owned()), TaskId::from("2".to_owned()));
    assert_eq!(store.load(&one).await.unwrap(), None);
    store.insert(&one, accepted()).await.unwrap();
    assert!(store.insert(&one, accepted()).await.is_err(), "a name is given once");
    assert_eq!(store.load(&one).await.unwrap(), Some(accepted()));

    let settled = GenerationEvent::Settled { billed: None, deviation: None };
    assert!(store.append(&other, &settled).await.is_err(), "there is no such task");
    assert!(store.append(&one, &settled).await.is_err(), "it is not stored yet");
    assert_eq!(store.load(&one).await.unwrap(), Some(accepted()), "what was refused changes nothing");

    let received =
        videogen_domain::GeneratedVideo { url: "https://cdn/v".to_owned(), bytes: None, billable_units: None };
    store.append(&one, &GenerationEvent::ResultReceived(received)).await.unwrap();
    assert_eq!(store.load(&one).await.unwrap().unwrap().state, GenerationState::Generated);
}

#[tokio::test]
async fn the_store_in_memory_conforms() {
    conforms(Arc::new(MemoryTaskStore::default())).await;
}
