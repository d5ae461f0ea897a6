//! Answers one client: who we are, which tools there are, and each call.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;
use videogen::JsonFields;

use crate::server::Host;
use crate::tool;

const INSTRUCTIONS: &str = "\
Turns still images into videos. Each video costs real money, so look at list_models or estimate_cost first and set \
max_cost_usd. A call of generate_video_from_image that is answered with the status queued or in_progress is accepted \
and goes on: follow it with get_queue_status and its task_id, and do not call generate_video_from_image again for it: \
a call that differs in anything makes and bills a second video. What has been made before is returned at no cost.";

/// Answers one client.
pub(crate) struct Handler {
    host: Arc<Host>,
    gone: CancellationToken,
}

/// Who waits for an answer, for as long as somebody does.
#[derive(Debug)]
pub(crate) struct Caller {
    gone: CancellationToken,
    cancelled: CancellationToken,
}

impl Handler {
    /// `gone` tells that the client has.
    pub(crate) fn new(host: Arc<Host>, gone: CancellationToken) -> Self {
        Self { host, gone }
    }
}

impl Caller {
    /// Until the client is gone or has cancelled the call.
    pub(crate) async fn waits_no_more(&self) {
        tokio::select! {
            () = self.gone.cancelled() => {}
            () = self.cancelled.cancelled() => {}
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let implementation = Implementation::new("videogen", env!("CARGO_PKG_VERSION")).with_title("videogen");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(implementation)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tool::all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tool::all().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let fields = JsonFields::new(request.arguments.unwrap_or_default());
        let caller = Caller { gone: self.gone.clone(), cancelled: context.ct };
        match tool::call(&self.host, &caller, &request.name, fields).await {
            Some(result) => Ok(result.into()),
            None => Err(ErrorData::invalid_params(format!("there is no tool {}", request.name), None)),
        }
    }
}
