from __future__ import annotations

from spanwise.reporting.figures.naming import caption_of, sentence, series_name


def test_names_become_headings() -> None:
    assert [sentence(name) for name in ("batch_size", "f1", "latency_ms")] == [
        "Batch size",
        "F1",
        "Latency ms",
    ]


def test_backends_are_written_as_their_makers_do() -> None:
    assert [series_name(name) for name in ("torch", "torch-bf16", "onnx", "onnx-int8")] == [
        "Torch",
        "Torch bf16",
        "ONNX",
        "ONNX int8",
    ]


def test_a_name_with_a_space_is_left_as_it_is() -> None:
    assert series_name("ncbi-disease validation") == "ncbi-disease validation"


def test_an_unknown_figure_is_captioned_by_its_name() -> None:
    assert caption_of("gradient_norm") == "Gradient norm"
    assert caption_of("score") != caption_of("score", several=True)
