//! What is stored is brought back, by this version and by every later one.

use proptest::prelude::*;
use videogen_domain::{
    Attempt, Deviation, Failure, FailureKind, Fit, GeneratedVideo, Generation, GenerationEvent, GenerationRequest,
    GenerationState, ImageInput, LogLine, Observation, Recovery, RemoteRequest, ReusedVideo, StoredFormError,
    StoredVideo, UploadedImage, Usd, VideoFacts,
};

use crate::ask::{PROMPT, check};
use crate::properties::any_request;

fn stored() -> StoredVideo {
    StoredVideo {
        location: "out/lighthouse.mp4".into(),
        bytes: 1_234_567,
        content_hash: "0a1b".into(),
        replaced: Some("out/lighthouse-1.mp4".into()),
        facts: VideoFacts { duration_ms: Some(5_042), width: Some(1280), height: Some(720) },
    }
}

fn remote() -> RemoteRequest {
    let url = "https://queue.fal.run/fal-ai/kling-video/requests/r-1";
    RemoteRequest {
        request_id: "r-1".into(),
        status_url: format!("{url}/status"),
        response_url: url.into(),
        cancel_url: format!("{url}/cancel"),
    }
}

/// Every event, with everything in it that can be.
fn events() -> Vec<GenerationEvent> {
    let image =
        UploadedImage { url: "https://v3.fal.media/a.png".into(), content_hash: Some("ab".into()), cached: true };
    let end_image = Some(UploadedImage { url: "https://host/b.png".into(), content_hash: None, cached: false });
    let failure =
        Failure::new(FailureKind::Rejected, Recovery::Never, "the picture is too small", "Give a larger one.")
            .with_field(Some("image".into()))
            .with_request_id(Some("r-1".into()));
    let line = LogLine { message: "50%".into(), timestamp: Some("2026-11-27T08:00:00Z".into()), level: None };
    let usd = |text: &str| text.parse::<Usd>().unwrap();
    vec![
        GenerationEvent::ImagesUploaded { image, end_image, fingerprint: Some("f0".into()) },
        GenerationEvent::Reused(ReusedVideo { request_id: "r-0".into(), fingerprint: "f0".into(), stored: stored() }),
        GenerationEvent::SubmitIntended(Attempt {
            attempt_id: "a-1".into(),
            body_hash: "cd".into(),
            booking_id: Some("b-1".into()),
        }),
        GenerationEvent::SubmitUnconfirmed { request_id: Some("r-1".into()) },
        GenerationEvent::SubmitUnconfirmed { request_id: None },
        GenerationEvent::Submitted(remote()),
        GenerationEvent::Observed { observation: Observation::InQueue { position: Some(2) }, new_logs: vec![] },
        GenerationEvent::Observed {
            observation: Observation::InProgress { percent: Some(50.0) },
            new_logs: vec![line],
        },
        GenerationEvent::Observed { observation: Observation::Done { failed: false }, new_logs: vec![] },
        GenerationEvent::UploadExpired,
        GenerationEvent::FellBack(failure.clone()),
        GenerationEvent::ResultReceived(GeneratedVideo {
            url: "https://v3.fal.media/out.mp4".into(),
            bytes: Some(1_234_567),
            billable_units: Some("5.0".parse().unwrap()),
        }),
        GenerationEvent::ResultReceived(GeneratedVideo {
            url: "https://v3.fal.media/out.mp4".into(),
            bytes: None,
            billable_units: None,
        }),
        GenerationEvent::VideoStored(stored()),
        GenerationEvent::Settled { billed: None, deviation: None },
        GenerationEvent::Settled {
            billed: Some(usd("0.35")),
            deviation: Some(Deviation { expected: usd("0.28"), billed: usd("0.35") }),
        },
        GenerationEvent::Failed(failure),
    ]
}

/// A generation of which everything is known that can be at once.
fn generation() -> Generation {
    let bytes = ImageInput::Bytes { name: "still.png".into(), bytes: b"\x89PNG".as_slice().into() };
    let asked = GenerationRequest::new(bytes, PROMPT)
        .with_model("kling_2.1_pro")
        .with_duration_seconds(10)
        .with_end_image(ImageInput::DataUri("data:image/png;base64,AA==".into()))
        .with_aspect_ratio("1:1", Fit::Pad)
        .with_parameter("cfg_scale", 0.1)
        .with_unchecked_parameter("seed", 7)
        .with_file_name("lighthouse.mp4")
        .with_fresh(true)
        .with_project("film")
        .with_scene("dawn");
    let mut plan = check(&asked).unwrap();
    let asked = GenerationRequest::new(ImageInput::Url("https://host/a.png".into()), PROMPT).with_model("hailuo_02");
    plan.fallbacks.push(check(&asked).unwrap());
    let mut generation = Generation::new(plan);
    generation.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    let lost = ["reused", "submit_unconfirmed", "upload_expired", "fell_back"];
    for event in events().into_iter().filter(|event| !lost.contains(&event.name())) {
        // Of two of a kind, the first.
        let _ = generation.apply(event);
    }
    assert_eq!(generation.state, GenerationState::Completed);
    generation
}

/// Files of users are like this one: every later version reads it. Where more is written, that goes to a file beside it.
#[test]
fn what_version_1_has_written_is_read_and_written_as_it_was() {
    let kept: Vec<&str> = include_str!("../fixtures/stored_1.jsonl").lines().collect();
    let (before, last) = kept.split_at(events().len());
    let read: Vec<_> = before.iter().map(|line| GenerationEvent::from_json(line).unwrap()).collect();
    assert_eq!(read, events());
    let written: Vec<_> = read.iter().map(|event| event.to_json().unwrap()).collect();
    assert_eq!(written, before);
    let read = Generation::from_json(last[0]).unwrap();
    assert_eq!((read.state, read.plan.as_ref().unwrap().fallbacks.len()), (GenerationState::Completed, 1));
    assert_eq!(read.to_json().unwrap(), last[0]);
}

/// What came later, in the same form.
#[test]
fn what_was_added_to_version_1_is_read_and_written_as_it_was() {
    let message = "it was cancelled before anything was sent";
    let advice = "Ask for it anew; nothing was paid.";
    let failure = Failure::new(FailureKind::Stopped, Recovery::Never, message, advice);
    let later = [
        GenerationEvent::NotAccepted,
        GenerationEvent::CancelRequested,
        GenerationEvent::Cancelled(failure.clone()),
        GenerationEvent::Begun,
        GenerationEvent::Held(failure),
        GenerationEvent::WentOn,
    ];
    let kept: Vec<&str> = include_str!("../fixtures/stored_1_later.jsonl").lines().collect();
    let read: Vec<_> = kept.iter().map(|line| GenerationEvent::from_json(line).unwrap()).collect();
    assert_eq!(read, later);
    let written: Vec<_> = later.iter().map(|event| event.to_json().unwrap()).collect();
    assert_eq!(written, kept);
}

#[test]
fn everything_that_is_known_of_a_generation_is_brought_back() {
    assert_eq!(Generation::from_json(&generation().to_json().unwrap()).unwrap(), generation());
}

#[test]
fn what_a_later_version_has_written_is_told_and_nothing_else_of_it_is_looked_at() {
    let error = Generation::from_json(r#"{"version":2,"state":"hibernating"}"#).unwrap_err();
    assert_eq!(error.to_string(), "it was stored in version 2, and this program knows versions up to 1");
    for text in ["", "{}", "null", r#"{"version":1}"#, r#"{"version":"1","event":"upload_expired"}"#] {
        let error = GenerationEvent::from_json(text).unwrap_err();
        assert!(matches!(error, StoredFormError::Json(_)), "{text}: {error}");
    }
}

#[test]
fn fields_of_a_later_program_are_passed_over_and_missing_ones_are_their_defaults() {
    let line = r#"{"version":1,"event":"submit_unconfirmed","mood":"hopeful"}"#;
    assert_eq!(GenerationEvent::from_json(line).unwrap(), GenerationEvent::SubmitUnconfirmed { request_id: None });
}

#[test]
fn the_names_in_what_is_stored_are_those_that_programs_are_told() {
    for state in GenerationState::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.name());
    }
    for event in events() {
        assert_eq!(serde_json::to_value(&event).unwrap()["event"], event.name());
    }
    assert_eq!(serde_json::to_value(Recovery::Reconcile).unwrap(), Recovery::Reconcile.name());
    assert_eq!(serde_json::to_value(FailureKind::OverBudget).unwrap(), FailureKind::OverBudget.name());
}

#[test]
fn a_path_that_is_no_text_is_told_before_anything_is_sent() {
    #[cfg(unix)]
    {
        let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff.png");
        let asked = GenerationRequest::new(ImageInput::Path(name.into()), PROMPT);
        assert!(Generation::new(check(&asked).unwrap()).to_json().is_err());
    }
}

proptest! {
    #[test]
    fn whatever_can_be_asked_for_is_brought_back((_, asked) in any_request()) {
        if let Ok(plan) = check(&asked) {
            let generation = Generation::new(plan);
            prop_assert_eq!(Generation::from_json(&generation.to_json().unwrap()).unwrap(), generation);
        }
    }
}
