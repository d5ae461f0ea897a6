//! Results of tools: structured, with the same in words.

use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use videogen::Violations;

/// A result.
pub(crate) fn done(view: &impl Serialize) -> CallToolResult {
    // Texts, numbers and lists: writing them cannot fail.
    let mut result = CallToolResult::structured(serde_json::to_value(view).unwrap_or_default());
    // In the order of the fields: what matters most comes first.
    result.content = vec![ContentBlock::text(serde_json::to_string(view).unwrap_or_default())];
    result
}

/// A failure: the words for the agent, the object for programs.
pub(crate) fn failed(words: String, view: &impl Serialize) -> CallToolResult {
    let mut result = CallToolResult::structured_error(serde_json::to_value(view).unwrap_or_default());
    result.content = vec![ContentBlock::text(words)];
    result
}

/// Mistakes in words, one a line.
pub(crate) fn mistakes(violations: &Violations) -> String {
    let lines: Vec<String> = violations.iter().map(|violation| format!("- {violation}.")).collect();
    format!("The request has mistakes; nothing was sent. Correct them and call again:\n{}", lines.join("\n"))
}
