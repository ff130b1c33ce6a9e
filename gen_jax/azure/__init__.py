"""Azure Machine Learning: its YAML files checked without a subscription, and jobs and endpoints made from them."""
