//! Requests that a caller has given a name of its own.

use videogen_domain::{FailureKind, GenerationPlan, Violation, ViolationCode, Violations};

use crate::{Error, Queue, TaskId};

impl Queue {
    /// The task that was taken in under the same name before: the answer, however it has ended.
    ///
    /// # Errors
    /// [`Error::Invalid`] when that was for another request; [`Error::Refused`] as it was refused then.
    pub(crate) async fn named_before(&self, plan: &GenerationPlan) -> Result<Option<TaskId>, Error> {
        let Some(key) = &plan.idempotency_key else { return Ok(None) };
        let Some(id) = self.0.store.of_key(key).await? else { return Ok(None) };
        let kept = self.kept(&id).await?.generation;
        if !kept.plan.as_ref().is_some_and(|before| asks_for_the_same(before, plan)) {
            let message = format!("this key was given to another request, that of the task {id}");
            let mistake = Violation::new("idempotency_key", ViolationCode::Conflict, message);
            return Err(Error::Invalid(Violations::of(mistake, Vec::new())));
        }
        match kept.failure {
            Some(failure) if failure.kind == FailureKind::OverBudget && kept.attempt.is_none() => {
                Err(Error::Refused(failure))
            }
            _ => Ok(Some(id)),
        }
    }
}

/// Whether two plans ask for the same video at the same place. What it was expected to cost may have changed since.
fn asks_for_the_same(before: &GenerationPlan, now: &GenerationPlan) -> bool {
    before.endpoint_id == now.endpoint_id
        && before.image == now.image
        && before.end_image == now.end_image
        && before.parameters == now.parameters
        && before.file_name == now.file_name
        && (&before.project_id, &before.scene_id) == (&now.project_id, &now.scene_id)
}
