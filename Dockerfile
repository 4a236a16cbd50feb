# One image for side-car, worker and mocks; `docker build --tag crossdock .` or `podman build`.
#
#   docker run --volume ./crossdock.toml:/srv/crossdock/crossdock.toml:ro --publish 8610:8610 crossdock
#   docker run --volume ./crossdock.toml:/srv/crossdock/crossdock.toml:ro crossdock worker
#   docker run --publish 8602:8602 crossdock mock erp --host 0.0.0.0 --port 8602

FROM python:3.12-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY sdk sdk
COPY plugins plugins
COPY mocks mocks
COPY specs specs
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /dist .

FROM python:3.12-slim-bookworm
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /dist /tmp/dist
# The wheel and what it needs, pinned; nothing of the source stays.
RUN python -m pip install --no-cache-dir --no-compile --constraint /tmp/constraints.txt \
        --find-links /tmp/dist "crossdock[host,mocks,postgres]" \
    && rm -r /tmp/dist /tmp/constraints.txt \
    && useradd --uid 10001 --create-home crossdock \
    && install --directory --owner crossdock --group crossdock /srv/crossdock /srv/crossdock/.crossdock
ENV PYTHONUNBUFFERED=1
WORKDIR /srv/crossdock
# Where a host keeps its memory unless [store] names a database: it has to outlive the container.
VOLUME /srv/crossdock/.crossdock
USER crossdock
EXPOSE 8610
# Only the side-car has it; run workers and mocks with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8610/health/live')"]
ENTRYPOINT ["crossdock"]
CMD ["serve", "--host", "0.0.0.0"]
