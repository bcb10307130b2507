"""The commands that train and measure; `training.cli` lists them beside the one of training.synthetic."""
