//! What requests cost, beyond their defaults: worked out by hand from fal's own words.

use serde_json::json;
use videogen_domain::{CostEstimate, GenerationRequest, ViolationCode};

use crate::ask::{check, codes, exactly, request, up_to};

#[test]
fn each_way_of_billing_is_followed_to_the_cent() {
    let table: [(GenerationRequest, CostEstimate); 24] = [
        // So much for the first seconds and for each further one.
        (request("kling_2.1_master").with_duration_seconds(10), exactly("2.80")),
        // By the second, with sound or without.
        (request("kling_2.6_pro").with_duration_seconds(10), exactly("1.40")),
        (request("kling_2.6_pro").with_duration_seconds(10).with_audio(false), exactly("0.70")),
        (request("kling_3_pro").with_duration_seconds(3).with_audio(false), exactly("0.336")),
        // By the second, by size.
        (request("hailuo_02").with_resolution("512p").with_duration_seconds(10), exactly("0.17")),
        (request("wan_2.5").with_resolution("480p").with_duration_seconds(10), exactly("0.50")),
        // A factor for silence.
        (request("wan_2.6_flash").with_audio(false), exactly("0.1875")),
        (request("wan_2.6_flash").with_resolution("720P").with_audio(true), exactly("0.25")),
        // By size and sound.
        (request("veo_3.1"), exactly("3.20")),
        (request("veo_3.1").with_duration_seconds(4).with_audio(false), exactly("0.80")),
        (request("veo_3.1").with_resolution("4k").with_audio(false), exactly("3.20")),
        // By the video, by length.
        (request("hailuo_2.3").with_duration_seconds(10), exactly("0.56")),
        // By the video, by size, with a factor for many frames.
        (request("wan_2.1").with_resolution("480p"), exactly("0.20")),
        (request("wan_2.1").with_duration_seconds(6), exactly("0.50")),
        (request("wan_2.1").with_parameter("num_frames", 82), exactly("0.50")),
        // By the second of frames: 161 frames at 16 a second.
        (request("wan_2.2").with_duration_seconds(10), exactly("0.805")),
        // So much to begin with, and for each second.
        (request("vidu_q2_pro").with_resolution("1080p").with_duration_seconds(8), exactly("1.10")),
        // By size, with extras, times the length.
        (request("pixverse_5.5").with_audio(true).with_duration_seconds(8), exactly("0.50")),
        (request("luma_ray_2").with_resolution("720p").with_duration_seconds(9), exactly("1.80")),
        // By tokens: 1280 x 720 x 24 / 1024 of them a second, at 1.80 USD a million.
        (request("seedance_1.0_lite").with_duration_seconds(10), exactly("0.3888")),
        (request("seedance_1.0_pro_fast").with_parameter("num_frames", 48), exactly("0.0972")),
        // What the model chooses is bounded by the dearest choice.
        (request("seedance_2.5"), up_to("14.19")),
        (request("seedance_2.0").with_duration_seconds(4), exactly("1.2136")),
        (request("ltx_2.5_pro").with_duration_seconds(6), exactly("1.02")),
    ];
    for (asked, estimate) in table {
        let plan = check(&asked).unwrap_or_else(|violations| panic!("{asked:?}: {violations}"));
        assert_eq!(plan.estimate, estimate, "{asked:?}");
    }
}

#[test]
fn what_nobody_knows_is_unknown_and_never_nothing() {
    for asked in [
        request("kling_4"),
        request("seedance_2.0_fast").with_resolution("480p").with_duration_seconds(5),
        request("kling_2.6_pro").with_parameter("voice_ids", json!(["a"])),
        request("hailuo_02").with_unchecked_parameter("resolution", "1080P"),
    ] {
        let plan = check(&asked).unwrap_or_else(|violations| panic!("{asked:?}: {violations}"));
        assert_eq!(plan.estimate, CostEstimate::Unknown, "{asked:?}");
        let limited = asked.with_max_cost("1000".parse().unwrap());
        assert_eq!(codes(check(&limited)), [("max_cost".to_owned(), ViolationCode::OverBudget)], "{limited:?}");
    }
}

#[test]
fn a_bound_is_held_against_the_limit_and_the_way_out_is_named() {
    let asked = request("seedance_2.0").with_max_cost("4.54".parse().unwrap());
    let message = check(&asked).unwrap_err().to_string();
    assert!(message.contains("up to $4.551 and may cost $4.54; say what the model may choose"), "{message}");
    assert!(check(&asked.with_duration_seconds(14)).is_ok());
}

#[test]
fn whatever_the_price_depends_on_is_written_out() {
    let sent = |asked: GenerationRequest| check(&asked).unwrap().input("https://f/a.png", None);
    let veo = sent(request("veo_3.1"));
    assert_eq!(
        (&veo["duration"], &veo["resolution"], &veo["generate_audio"]),
        (&json!("8s"), &json!("720p"), &json!(true))
    );
    assert_eq!(sent(request("wan_2.2"))["num_frames"], 81);
    assert_eq!(sent(request("wan_2.2").with_duration_seconds(3))["num_frames"], 49);
    assert_eq!(sent(request("seedance_2.0"))["duration"], "auto");
    // A number of frames outranks the duration, which is left out then.
    let frames = sent(request("seedance_1.0_pro_fast").with_parameter("num_frames", 48));
    assert_eq!((frames.get("duration"), &frames["num_frames"]), (None, &json!(48)));
}

#[test]
fn a_price_that_is_not_fals_own_word_says_so() {
    let notices = |model: &str| {
        check(&request(model)).unwrap().notices.iter().map(|notice| notice.code.name()).collect::<Vec<_>>()
    };
    assert_eq!(notices("kling_2.1"), Vec::<&str>::new());
    assert_eq!(notices("kling_1.6"), ["uncertain_price"]);
    assert_eq!(notices("veo_2"), ["retired_model", "uncertain_price"]);
}
