# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY web ./
RUN npm run build

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
# .dockerignore lets through what the build reads and nothing else. The embedding model is compiled in.
COPY . .
COPY --from=web /web/dist web/dist
# The caches outlive the layers: a change of one line does not compile the dependencies anew.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,sharing=locked \
    touch src/web/assets.rs \
    && cargo build --release --locked --bin jmem \
    && install -D target/release/jmem /out/jmem \
    && install -d -m 0700 /out/data

# The C library, root certificates and no shell; of the same Debian as above, so that the C libraries match.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY LICENSE NOTICE /usr/share/doc/jonathans-memory/
COPY --from=build /out/jmem /usr/local/bin/jmem
# The embedded mode needs a volume here. It is not declared: beside Postgres nothing is written, and the root can be
# read-only.
COPY --from=build --chown=65532:65532 /out/data /data
ENV JM__SERVER__HOST=0.0.0.0 \
    JM_DATA_DIR=/data
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["jmem", "health"]
ENTRYPOINT ["jmem"]
CMD ["serve"]
