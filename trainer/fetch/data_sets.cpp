// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/data_sets.h"

#include <algorithm>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::uint64_t kMegabytes = 1'000'000;

// CIFAR's hashes are those that TensorFlow Datasets records, the others'
// torchvision's.
const char kKrizhevsky[] = "https://www.cs.toronto.edu/~kriz/";

PublishedDataSet cifar10() {
  return {.name = "cifar10",
          .layout = "cifar",
          .url = kKrizhevsky,
          .terms =
              "A. Krizhevsky, Learning Multiple Layers of Features from "
              "Tiny Images, 2009",
          .files = {{.name = "cifar-10-binary.tar.gz",
                     .sha256 = "c4a38c50a1bc5f3a1c5537f2155ab9d6"
                               "8f9f25eb1ed8d9ddda3db29a59bca1dd",
                     .max_bytes = 200 * kMegabytes}}};
}

PublishedDataSet cifar100() {
  return {.name = "cifar100",
          .layout = "cifar",
          .url = kKrizhevsky,
          .terms =
              "A. Krizhevsky, Learning Multiple Layers of Features from "
              "Tiny Images, 2009",
          .files = {{.name = "cifar-100-binary.tar.gz",
                     .sha256 = "58a81ae192c23a4be8b1804d68e518ed"
                               "807d710a4eb253b1f2a199162a40d8ec",
                     .max_bytes = 200 * kMegabytes}}};
}

DataSetFile idx_file(const char* name, const char* sha256) {
  return {.name = name, .sha256 = sha256, .max_bytes = 40 * kMegabytes};
}

// The publisher's own server asks for a password by now; this is the copy that
// torchvision takes.
PublishedDataSet mnist() {
  return {.name = "mnist",
          .layout = "mnist",
          .url = "https://ossci-datasets.s3.amazonaws.com/mnist/",
          .terms = "Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0",
          .files = {idx_file("train-images-idx3-ubyte.gz",
                             "440fcabf73cc546fa21475e81ea37026"
                             "5605f56be210a4024d2ca8f203523609"),
                    idx_file("train-labels-idx1-ubyte.gz",
                             "3552534a0a558bbed6aed32b30c495cc"
                             "a23d567ec52cac8be1a0730e8010255c"),
                    idx_file("t10k-images-idx3-ubyte.gz",
                             "8d422c7b0a1c1c79245a5bcf07fe86e3"
                             "3eeafee792b84584aec276f5a2dbc4e6"),
                    idx_file("t10k-labels-idx1-ubyte.gz",
                             "f7ae60f92e00ec6debd23a6088c31dbd"
                             "2371eca3ffa0defaefb259924204aec6")}};
}

// The publisher has no https: the hashes are what counts.
PublishedDataSet fashion_mnist() {
  return {.name = "fashion-mnist",
          .layout = "mnist",
          .url = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
          .terms = "Zalando SE; MIT",
          .files = {idx_file("train-images-idx3-ubyte.gz",
                             "3aede38d61863908ad78613f6a32ed27"
                             "1626dd12800ba2636569512369268a84"),
                    idx_file("train-labels-idx1-ubyte.gz",
                             "a04f17134ac03560a47e3764e11b92fc"
                             "97de4d1bfaf8ba1a3aa29af54cc90845"),
                    idx_file("t10k-images-idx3-ubyte.gz",
                             "346e55b948d973a97e58d2351dde16a4"
                             "84bd415d4595297633bb08f03db6a073"),
                    idx_file("t10k-labels-idx1-ubyte.gz",
                             "67da17c76eaffca5446c3361aaab5c3c"
                             "d6d1c2608764d35dfb1850b086bf8dd5")}};
}

// The final training part with its 39,209 pictures; torchvision's is the
// smaller one of the first round, so no SHA-256 of this one is published, and
// https has to do against forgery.
PublishedDataSet gtsrb() {
  return {.name = "gtsrb",
          .layout = "gtsrb",
          .url =
              "https://sid.erda.dk/public/archives/"
              "daaeac0d7ce1152aea9b61d9f1e19370/",
          .terms =
              "J. Stallkamp, M. Schlipsing, J. Salmen, C. Igel, Institut "
              "fuer Neuroinformatik, Ruhr-Universitaet Bochum",
          .files = {{.name = "GTSRB_Final_Training_Images.zip",
                     .md5 = "f33fd80ac59bff73c82d25ab499e03a3",
                     .max_bytes = 400 * kMegabytes,
                     .unpack_into = "."},
                    {.name = "GTSRB_Final_Test_Images.zip",
                     .sha256 = "48ba6fab7e877eb64eaf8de99035b0aa"
                               "ecfbc279bee23e35deca4ac1d0a837fa",
                     .max_bytes = 200 * kMegabytes,
                     .unpack_into = "."},
                    {.name = "GTSRB_Final_Test_GT.zip",
                     .sha256 = "f94e5a7614d75845c74c04ddb26b8796"
                               "b9e483f43541dd95dd5b726504e16d6d",
                     .max_bytes = 10 * kMegabytes,
                     .unpack_into = "GTSRB/Final_Test/Images"}}};
}

}  // namespace

const std::vector<PublishedDataSet>& published_data_sets() {
  static const std::vector<PublishedDataSet> sets = {
      cifar10(), cifar100(), mnist(), fashion_mnist(), gtsrb()};
  return sets;
}

const PublishedDataSet& find_data_set(const std::string& name) {
  const auto& sets = published_data_sets();
  const auto found =
      std::find_if(sets.begin(), sets.end(),
                   [&](const auto& set) { return set.name == name; });
  if (found != sets.end())
    return *found;
  std::string names;
  for (const PublishedDataSet& set : sets)
    names += (names.empty() ? "" : ", ") + set.name;
  throw Error(
      ErrorCode::kInvalidArgument,
      "expected a published data set (" + names + "), got \"" + name + "\"");
}

}  // namespace torchclassify
