//! Brings the schema to the present form.

use tokio_postgres::Client;

use super::trouble::Trouble;

/// What brings a schema from each form to the next. What is here has been given to users and is never changed.
const FORMS: [&str; 2] = [include_str!("form_1.sql"), include_str!("form_2.sql")];

/// Held by whoever changes the form: one at a time.
const CHANGES_THE_FORM: i64 = 0x7669_6465_6f67_0001;

/// The tables are of a form that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("they are of form {found}, and this program knows {known} of them", known = FORMS.len())]
pub(super) struct LaterForm {
    found: usize,
}

/// Makes the schema where it is not there, and brings it up to date. Of many who do so at once, one does.
pub(super) async fn bring_up_to_date(client: &mut Client) -> Result<(), Trouble> {
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&CHANGES_THE_FORM]).await?;
    // Looked for first: a user who may use it may not be allowed to make it.
    let is_there: bool =
        transaction.query_one("SELECT to_regclass('videogen.tasks_form') IS NOT NULL", &[]).await?.get(0);
    if !is_there {
        transaction
            .batch_execute(
                "CREATE SCHEMA IF NOT EXISTS videogen; CREATE TABLE videogen.tasks_form(form bigint NOT NULL)",
            )
            .await?;
    }
    let form: i64 = transaction.query_one("SELECT coalesce(max(form), 0) FROM videogen.tasks_form", &[]).await?.get(0);
    let found = usize::try_from(form).unwrap_or(0);
    if FORMS.len() < found {
        return Err(LaterForm { found }.into());
    }
    if found < FORMS.len() {
        for step in &FORMS[found..] {
            transaction.batch_execute(step).await?;
        }
        transaction.execute("DELETE FROM videogen.tasks_form", &[]).await?;
        transaction.execute("INSERT INTO videogen.tasks_form VALUES ($1)", &[&(FORMS.len() as i64)]).await?;
    }
    transaction.commit().await?;
    Ok(())
}
