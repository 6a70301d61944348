//! A collector of spans, over a real gRPC connection.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// The collector; it lives as long as the runtime.
#[derive(Clone, Default)]
pub struct OtlpDouble {
    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be.
    pub url: String,
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl OtlpDouble {
    /// On a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Self { url, received: Arc::default() };
        let service = TraceServiceServer::new(double.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)));
        double
    }

    /// Everything that arrived, in words.
    pub fn text(&self) -> String {
        format!("{:?}", self.received.lock())
    }

    /// What the senders call themselves.
    pub fn services(&self) -> Vec<String> {
        let received = self.received.lock();
        let resources = received.iter().flat_map(|request| &request.resource_spans).filter_map(|spans| spans.resource.as_ref());
        resources.filter_map(|resource| text_of(&resource.attributes, "service.name")).collect()
    }

    /// Every span.
    pub fn spans(&self) -> Vec<Span> {
        let received = self.received.lock();
        let scopes = received.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
}

impl TraceService for OtlpDouble {
    fn export<'life0, 'async_trait>(
        &'life0 self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<ExportTraceServiceResponse>, Status>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.received.lock().push(request.into_inner());
        Box::pin(std::future::ready(Ok(Response::new(ExportTraceServiceResponse::default()))))
    }
}

/// An attribute that is a text.
pub fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    match attributes.iter().find(|pair| pair.key == key)?.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}
