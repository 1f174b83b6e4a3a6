# One image for the server and the `bgm` command. CPU by default; for NVIDIA GPUs: --build-arg TORCH_VARIANT=cu130
FROM python:3.11-slim-bookworm AS build
# The CPU variant is 200 MB, the CUDA variants bring about 3 GB.
ARG TORCH_VARIANT=cpu
RUN python -m venv /opt/bgm
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN /opt/bgm/bin/pip install --no-cache-dir --constraint constraints.txt \
    --extra-index-url "https://download.pytorch.org/whl/${TORCH_VARIANT}" \
    "torch==2.13.0+${TORCH_VARIANT}" "torchvision==0.28.0+${TORCH_VARIANT}"
COPY app app
COPY training training
COPY migrations migrations
RUN /opt/bgm/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home bgm && install --directory --owner bgm /data /cache
COPY --from=build /opt/bgm /opt/bgm
ENV PATH=/opt/bgm/bin:$PATH PYTHONUNBUFFERED=1 \
    BGM_DATA_DIR=/data BGM_CACHE_DIR=/cache BGM_HOST=0.0.0.0
USER 10001
WORKDIR /data
VOLUME ["/data", "/cache"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["bgm", "serve"]
