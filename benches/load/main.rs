//! Load over Streamable HTTP: adds, searches and contexts per second, latencies, CPU and memory of the server, beside the same
//! figures of a tool that does nothing behind the same layers.
//!
//! `cargo bench --bench load -- [--embedder hash|local] [--memories 1000] [--tenants 20] [--seconds 5]`
//!
//! The server runs in a child process (this program again, with `--serve`), so that its CPU time and memory are its
//! own. The driver speaks HTTP/1.1 on plain sockets: a general client would cost as much as the server it measures.

mod driver;
mod noop;
mod served;

use std::time::Duration;

use clap::Parser;

use driver::{Call, Figures};

/// Figures of the embedded default under load.
#[derive(Debug, Clone, Parser)]
struct Args {
    /// Embedder: `hash` costs nothing, `local` is the product's default.
    #[arg(long, default_value = "hash")]
    embedder: String,
    /// Tenants.
    #[arg(long, default_value_t = 20)]
    tenants: usize,
    /// Memories of each tenant before the measurement; may be repeated.
    #[arg(long, default_values_t = [200, 1000])]
    memories: Vec<usize>,
    /// Length of each measurement, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Serve instead of driving; for this program's own use.
    #[arg(long, hide = true)]
    serve: bool,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.serve {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(served::serve(&args.embedder, args.tenants, args.memories[0]));
    }
    // One thread is plenty for the driver, and leaves the rest of the machine to the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for memories in &args.memories {
            measure(&args, *memories).await?;
        }
        Ok(())
    })
}

async fn measure(args: &Args, memories: usize) -> anyhow::Result<()> {
    let served = served::spawn(&args.embedder, args.tenants, memories)?;
    let length = Duration::from_secs(args.seconds);
    println!("\n{} tenants x {memories} memories, embedder {}", args.tenants, args.embedder);
    println!("{}", Figures::HEADER);
    // Every tenant's working set is loaded before anything is measured.
    driver::run(&served.product, 1, Duration::from_millis(1500), Call::Search).await?;
    for clients in [1, 8, 32] {
        for (name, endpoints, call) in [
            ("nothing", &served.nothing, Call::Nothing),
            ("search", &served.product, Call::Search),
            ("context", &served.product, Call::Context),
        ] {
            let before = served.cpu_seconds()?;
            let samples = driver::run(endpoints, clients, length, call).await?;
            println!("{}", Figures::of(name, clients, &samples, length, served.cpu_seconds()? - before));
        }
    }
    let before = served.cpu_seconds()?;
    let samples = driver::run(&served.product, 8, length, Call::Add).await?;
    println!("{}", Figures::of("add", 8, &samples, length, served.cpu_seconds()? - before));
    println!("server: peak memory {} MiB", served.peak_mib()?);
    Ok(())
}
