"""The laboratory: how the model's data is made (data), trained on (training) and evaluated (bench)."""
