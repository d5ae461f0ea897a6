//! Lists that come in pages.

use std::collections::HashMap;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use serde::de::{DeserializeOwned, Error as _};
use serde_json::value::RawValue;

use super::{Platform, Query, unreadable};
use crate::Error;
use crate::call::{Answer, Authorization};

/// Where a list is, and under what name its answers hold the entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    pub(crate) path: &'static [&'static str],
    pub(crate) name: &'static str,
}

struct Page<T> {
    entries: Vec<T>,
    /// The cursor of the next page; `None` after the last.
    next: Option<String>,
}

impl Platform {
    /// All entries; a page is asked for when those before it are used up.
    pub(crate) fn all<T: DeserializeOwned + Send + 'static>(
        &self,
        list: List,
        query: Query,
    ) -> BoxStream<'static, Result<T, Error>> {
        let platform = self.clone();
        let pages = stream::try_unfold(Some(None), move |cursor: Option<Option<String>>| {
            let (platform, query) = (platform.clone(), query.clone());
            async move {
                let Some(cursor) = cursor else { return Ok(None) };
                let page = platform.page(list, query, cursor).await?;
                let entries = stream::iter(page.entries.into_iter().map(Ok));
                Ok::<_, Error>(Some((entries, page.next.map(Some))))
            }
        });
        pages.try_flatten().boxed()
    }

    async fn page<T: DeserializeOwned>(
        &self,
        list: List,
        query: Query,
        cursor: Option<String>,
    ) -> Result<Page<T>, Error> {
        let query = cursor.iter().fold(query, |query, cursor| query.set("cursor", cursor));
        let answer = self.get(list.path, &query, Authorization::Key).await?;
        let page: Page<T> = read(&answer, list.name).map_err(|error| unreadable(&answer, error))?;
        if page.next.is_some() && page.next == cursor {
            return Err(unreadable(&answer, serde_json::Error::custom("a page names itself as the next")));
        }
        Ok(page)
    }
}

/// Reads one page. That there is more and no way to it is an error: half a list must not pass for the whole.
fn read<T: DeserializeOwned>(answer: &Answer, name: &'static str) -> Result<Page<T>, serde_json::Error> {
    let fields: HashMap<String, &RawValue> = serde_json::from_slice(&answer.body)?;
    let entries = fields.get(name).ok_or_else(|| serde_json::Error::missing_field(name))?;
    let entries: Option<Vec<T>> = serde_json::from_str(entries.get())?;
    let next: Option<String> = fields.get("next_cursor").map_or(Ok(None), |text| serde_json::from_str(text.get()))?;
    let more: Option<bool> = fields.get("has_more").map_or(Ok(None), |text| serde_json::from_str(text.get()))?;
    let next = next.filter(|cursor| !cursor.is_empty() && more != Some(false));
    if more == Some(true) && next.is_none() {
        return Err(serde_json::Error::custom("there are more pages and no cursor to them"));
    }
    Ok(Page { entries: entries.unwrap_or_default(), next })
}
