# syntax=docker/dockerfile:1
# One executable in an image without a shell or a package manager. `docker buildx build --platform linux/amd64,linux/arm64`
# compiles for both processors on one: the first stage runs on the builder's own.

FROM --platform=$BUILDPLATFORM denoland/deno:2.9.6@sha256:2014dc167ece617ef7e7ba40631ac2234c59e75ce693e7cc2dc2602b3c87859d AS build
ARG TARGETARCH
ENV NO_COLOR=1
WORKDIR /source
COPY . .
RUN mkdir /image && case "$TARGETARCH" in \
      amd64) target=x86_64-unknown-linux-gnu ;; \
      arm64) target=aarch64-unknown-linux-gnu ;; \
      *) echo "There is no executable for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && deno task --quiet compile --target "$target" --output /image/chat-stream \
    && deno task --quiet licences --notices > /image/THIRD-PARTY-NOTICES.txt \
    && cp LICENSE /image/

FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
LABEL org.opencontainers.image.title="chat-stream" \
      org.opencontainers.image.description="A streaming chat server with a web component" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /image/LICENSE /image/THIRD-PARTY-NOTICES.txt /usr/share/doc/chat-stream/
COPY --from=build /image/chat-stream /usr/local/bin/chat-stream
# Mount .env, chat-stream.config.json and certificates here. The server writes nowhere: the root may be read-only.
WORKDIR /config
USER 65532:65532
ENV HOST=0.0.0.0 PORT=3001
EXPOSE 3001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/usr/local/bin/chat-stream", "--health"]
ENTRYPOINT ["/usr/local/bin/chat-stream"]
