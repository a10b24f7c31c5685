# The image of all processes: registry, central, worker, beat and the simulated charge points.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY . .
# The development switches hold for this one command: it needs settings, but no secret of an installation.
RUN DEBUG=true VAR_DIR=/app/var /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/app/var HOST=0.0.0.0
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin platform
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=platform:platform /app /app
RUN install -d -o platform -g platform /app/var /data /files
USER platform
EXPOSE 8000 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "manage.py", "serve"]
