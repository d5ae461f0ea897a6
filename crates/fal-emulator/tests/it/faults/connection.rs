//! Connections that end in place of an answer.

use std::io::ErrorKind;

use fal_emulator::{Fault, FaultRule, Operation};

use super::{input, once, raw, struck_by, submit_url};
use crate::client::{Caller, KLING};

#[tokio::test]
async fn a_lost_reply_is_a_charge_without_a_byte_of_answer() {
    let emulator = struck_by([once(Fault::ReplyLost)]).await;
    let stream = raw::send(&emulator, "POST", &format!("/queue/{KLING}"), &input().to_string()).await;
    assert_eq!(raw::read_all(stream).await.expect("ends in order"), b"");
    emulator.ledger().assert_charges(1);
    assert_eq!(emulator.requests().len(), 1);
}

#[tokio::test]
async fn a_client_that_sends_again_after_a_lost_reply_pays_twice_and_the_ledger_tells() {
    let emulator = struck_by([once(Fault::ReplyLost)]).await;
    let caller = Caller::new();
    let picture = caller.upload(&emulator, crate::pictures::png(&crate::pictures::landscape(64, 64))).await;
    let mut input = input();
    input["image_url"] = picture.into();
    let submit = || caller.http.post(submit_url(&emulator)).header("authorization", "Key a:b").json(&input).send();
    assert!(submit().await.is_err());
    emulator.ledger().assert_no_duplicates();
    assert_eq!(submit().await.expect("answers").status(), 200);
    emulator.ledger().assert_charges(2);
    assert_eq!(emulator.ledger().duplicates().concat(), emulator.ledger().charges());
}

#[tokio::test]
async fn a_reset_before_the_acceptance_charges_nothing() {
    let emulator = struck_by([FaultRule::new(Fault::ResetBeforeAccept).on(Operation::Submit)]).await;
    let stream = raw::send(&emulator, "POST", &format!("/queue/{KLING}"), &input().to_string()).await;
    assert_eq!(raw::read_all(stream).await.expect_err("is reset").kind(), ErrorKind::ConnectionReset);
    emulator.ledger().assert_nothing_charged();
    assert_eq!(emulator.requests().len(), 1, "the request came, and was not handled");
}
