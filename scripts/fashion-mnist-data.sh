# Sourced by scripts that train on Fashion-MNIST:
# installs Debian's package of it where it is missing, and names its folder in $data.
data=/usr/share/datasets/fashion-mnist
if [[ ! -e $data/train-images-idx3-ubyte.gz ]]; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends dataset-fashion-mnist
fi
